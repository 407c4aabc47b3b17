import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import type { Backend, ModelSource, OpenOptions } from '@webssl/backend';
import { exportedFile, openHostedSession, probeDevicesInChildren } from '@webssl/backend/host';
import type { CannOnnxOptions } from './cann-onnx-options.js';
import { checkOptions } from './check-options.js';
import { disableTelemetry } from './disable-telemetry.js';
import { planPieces } from './pieces.js';
import { checkPrecision } from './precision.js';
import { withProcessPrecision } from './process-precision.js';
import type { CannPrecision, ProbeSetup, SessionSetup } from './session-setup.js';

const id = 'cann-onnx';
const defaultDeadline = 600_000;
const defaultPieceBytes = 1.9 * 2 ** 30;
const cannBatchSizes = [1, 8];

/** The options, with nothing left to a default. */
type Settings = Pick<SessionSetup, 'provider' | 'device'> &
  Pick<CannOnnxOptions, 'library'> &
  Required<Pick<CannOnnxOptions, 'batchSizes' | 'pieceBytes' | 'cacheFolder' | 'threads'>>;

/**
 * The backend that runs a model with an ONNX Runtime shared library, through its C API: on an Ascend NPU where the library was
 * built with the CANN provider, or on the CPU. Importing it loads no native code: that happens in the session's own process or
 * thread.
 * @throws WebsslError `BACKEND_OPTION_INVALID` for an option out of range.
 */
export function cannOnnx(options: CannOnnxOptions = {}): Backend {
  checkOptions(options);
  const settings = withDefaults(options);
  const { provider, device } = settings;
  const library = options.library === undefined ? {} : { library: options.library };
  const {
    deadlineMilliseconds = defaultDeadline,
    workerEntry = exportedFile('@webssl/backend-cann-onnx/worker', import.meta.url, 'workerEntry'),
  } = options;
  return {
    specificationVersion: 'v1',
    id,
    probe: () =>
      probeDevicesInChildren({
        backend: id,
        entry: workerEntry,
        setup: (touched): ProbeSetup => ({ provider, device, touched, ...library }),
      }),
    async open(model, open) {
      const precision = checkPrecision(provider, open.precision);
      const isolation = open.isolation ?? options.isolation ?? 'process';
      if (isolation === 'thread') disableTelemetry();
      const openHosted = () =>
        openHostedSession({
          backend: id,
          entry: workerEntry,
          isolation,
          setup: async () => ({ ...(await sessionSetup(model, open, settings, precision)), ...library }),
          open,
          deadlineMilliseconds,
          // A killed process leaves nothing behind on a CPU. An NPU is to be given back in order.
          ...(isolation === 'process' && provider === 'cpu' && { closeMilliseconds: 0 }),
        });
      return isolation === 'thread' && provider === 'cann'
        ? withProcessPrecision(precision, openHosted)
        : openHosted();
    },
  };
}

function withDefaults(options: CannOnnxOptions): Settings {
  const { provider = 'cann', device = 0 } = options;
  const batchSizes = options.batchSizes ?? (provider === 'cann' ? cannBatchSizes : [1]);
  return {
    provider,
    device,
    batchSizes: [...batchSizes].sort((a, b) => a - b),
    pieceBytes: options.pieceBytes ?? defaultPieceBytes,
    cacheFolder: resolve(options.cacheFolder ?? join(cacheRoot(), 'cann')),
    threads: options.threads ?? (provider === 'cann' ? 1 : 0),
  };
}

/** Where webssl keeps what it makes: the user's choice, else a folder by the XDG Base Directory Specification. */
function cacheRoot({ WEBSSL_CACHE, XDG_CACHE_HOME } = process.env): string {
  return WEBSSL_CACHE || join(XDG_CACHE_HOME || join(homedir(), '.cache'), 'webssl');
}

async function sessionSetup(
  model: ModelSource,
  open: OpenOptions,
  { provider, device, batchSizes, pieceBytes, cacheFolder, threads }: Settings,
  precision: CannPrecision,
): Promise<SessionSetup> {
  const [only, ...others] = batchSizes;
  const batch = only === undefined || others.length > 0 ? 'symbolic' : only;
  return {
    provider,
    device,
    modelKey: model.key,
    pieces: await planPieces(model, open, batch, pieceBytes),
    tokens: open.tokens ?? 'all',
    batchSizes,
    precision,
    threads,
    cacheFolder,
  };
}
