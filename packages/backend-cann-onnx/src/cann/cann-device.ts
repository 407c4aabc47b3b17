import { isMainThread } from 'node:worker_threads';
import { type DeviceReport, type DeviceSummary, WebsslError } from '@webssl/backend';
import { problemOf, type TouchedDevices } from '@webssl/backend/host';
import type { ComputingDevice } from '../computing-device.js';
import { isUnloadable, probeError } from '../failure.js';
import type { Pointer } from '../onnxruntime/functions.js';
import { mapFiles } from '../onnxruntime/mapped-files.js';
import type { Resources } from '../onnxruntime/resources.js';
import { type Runtime, RuntimeFailure } from '../onnxruntime/runtime.js';
import { makeSessionOptions } from '../onnxruntime/session-options.js';
import type { PieceSetup, SessionSetup } from '../session-setup.js';
import { type DeviceUse, deviceUser, socName } from './ascendcl.js';
import { compiledKey } from './compiled-key.js';
import { CompiledModels } from './compiled-models.js';
import { appendCann, cannDevices, requireCann } from './provider.js';

const adviceOnDevice = 'See that npu-smi info lists the device as healthy. ~/ascend/log tells more.';

/**
 * An NPU. What CANN compiles is kept in the cache folder, but only where the session has a process of its own: it is the working
 * folder that CANN uses, which threads share.
 * @throws WebsslError `CANN_PROVIDER_MISSING`
 */
export function cannDevice(runtime: Runtime, setup: SessionSetup, resources: Resources): ComputingDevice {
  requireCann(runtime);
  const { device, precision, threads } = setup;
  const soc = socName();
  const name = deviceName(runtime, soc);
  const keepsCompiled = isMainThread;
  const compiled = new Map<PieceSetup, CompiledModels>();
  return {
    name,
    library: libraryName(runtime),
    details: {
      provider: 'cann',
      libraryPath: runtime.path,
      keepsCompiled,
      ...(isSimulated(runtime) && { simulator: true }),
    },
    sessionOptions(piece, sessionResources) {
      const options = makeSessionOptions(
        runtime,
        { folder: piece.folder, threads, optimize: false, refuseFallback: true },
        sessionResources,
      );
      addWeights(runtime, options, piece, sessionResources);
      appendCann(runtime, options, { device, precision, keepsCompiled });
      return options;
    },
    enter(piece) {
      if (!keepsCompiled) return;
      let models = compiled.get(piece);
      if (models === undefined) {
        models = new CompiledModels(setup.cacheFolder, compiledKey(setup, piece, runtime.version, soc));
        compiled.set(piece, models);
        resources.add(models.release);
      }
      models.enter();
    },
    leave(piece, succeeded) {
      compiled.get(piece)?.collect(succeeded);
    },
    mends: (piece, error) => isUnloadable(error) && compiled.get(piece)?.distrust() === true,
  };
}

/**
 * What a probe reports of the NPUs.
 * @throws WebsslError `CANN_PROVIDER_MISSING`, `CANN_DEVICE_UNAVAILABLE`; RuntimeFailure
 */
export function reportCann(runtime: Runtime, device: number, touched: TouchedDevices): DeviceReport {
  requireCann(runtime);
  const devices = cannDevices(runtime);
  if (!devices.includes(device)) throw unavailable(device, devices.length);
  const name = deviceName(runtime, socName());
  const use = deviceUser();
  return {
    usable: true,
    library: libraryName(runtime),
    devices: devices.map((index) => {
      const isTouched = touched === 'all' || touched === index;
      return { index, name, ...(isTouched && summaryOf(use(index))) };
    }),
    details: {
      provider: 'cann',
      libraryPath: runtime.path,
      ...(isSimulated(runtime) && { simulator: true }),
    },
  };
}

function summaryOf(use: DeviceUse): Omit<DeviceSummary, 'index' | 'name'> {
  if (!('failed' in use)) return use;
  const { call, code } = use.failed;
  const error = probeError(
    new RuntimeFailure(`CANN failure ${code} ; expr=${call}`),
    'The NPU cannot be used',
  );
  return { unusable: problemOf(error, adviceOnDevice) };
}

/**
 * Hands the weights over in memory. The provider serialises the graph for CANN with the weights that are in memory; of those in
 * files it would pass on the name of the file only.
 */
function addWeights(
  runtime: Runtime,
  options: Pointer,
  { folder, files }: PieceSetup,
  resources: Resources,
): void {
  const mapped = mapFiles(folder, files, resources);
  runtime.check(
    runtime.functions.addExternalInitializersFromFilesInMemory(
      options,
      mapped.map(({ location }) => location),
      BigUint64Array.from(mapped, ({ address }) => address),
      BigUint64Array.from(mapped, ({ bytes }) => BigInt(bytes)),
      mapped.length,
    ),
  );
}

function deviceName(runtime: Runtime, soc: string | undefined): string {
  return `${soc ?? 'Ascend NPU'}${isSimulated(runtime) ? ' (simulator)' : ''}`;
}

function isSimulated(runtime: Runtime): boolean {
  return /simulat/i.test(runtime.functions.getBuildInfoString());
}

function libraryName({ version }: Runtime): string {
  return `ONNX Runtime ${version} (CANN provider)`;
}

function unavailable(device: number, count: number): WebsslError {
  const advice =
    'Count as CANN counts: npu-smi info lists the devices, ASCEND_RT_VISIBLE_DEVICES limits them.';
  return new WebsslError({
    code: 'CANN_DEVICE_UNAVAILABLE',
    message: `There is no device ${device}: CANN has ${count}, numbered from 0. ${advice}`,
    details: { device, count, advice },
  });
}
