import { WebsslError } from '@webssl/backend';
import koffi from 'koffi';
import type { Pointer } from '../onnxruntime/functions.js';
import { Resources } from '../onnxruntime/resources.js';
import { type Runtime, RuntimeFailure } from '../onnxruntime/runtime.js';
import type { CannPrecision } from '../session-setup.js';

const providerName = 'CANNExecutionProvider';

/** More devices than any machine has. */
const mostDevices = 64;

interface Generation {
  /** Its name for the precision. */
  readonly key: string;
  readonly values: Readonly<Record<CannPrecision, string>>;
  /** Whether it can be told not to leave compiled models in the working folder. */
  readonly knowsDumping: boolean;
}

const earlierNames = {
  key: 'precision_mode',
  values: { fp32: 'must_keep_origin_dtype', fp16: 'force_fp16', mixed: 'allow_mix_precision' },
} as const;

/** The generations of the provider, newest first. To each, a key that only another one knows is an error. */
const generations: readonly Generation[] = [
  {
    key: 'precision_mode_v2',
    values: { fp32: 'origin', fp16: 'fp16', mixed: 'mixed_float16' },
    knowsDumping: true,
  },
  { ...earlierNames, knowsDumping: true },
  { ...earlierNames, knowsDumping: false },
];

/** How the provider is to compute. */
export interface CannProviderOptions {
  readonly device: number;
  readonly precision: CannPrecision;
  /** Whether it leaves the models that it compiled in the working folder. */
  readonly keepsCompiled: boolean;
}

/** @throws WebsslError `CANN_PROVIDER_MISSING` where the library was built without CANN. */
export function requireCann(runtime: Runtime): void {
  const providers = availableProviders(runtime);
  if (providers.includes(providerName)) return;
  const advice =
    'Build ONNX Runtime with --use_cann, and name that library in WEBSSL_ONNXRUNTIME_LIBRARY or the option library.';
  throw new WebsslError({
    code: 'CANN_PROVIDER_MISSING',
    message:
      `ONNX Runtime ${runtime.version} in ${runtime.path} was built without CANN: it has ${providers.join(', ')}. ` +
      advice,
    details: { path: runtime.path, providers, advice },
  });
}

/**
 * Makes a session compute with CANN.
 * @throws RuntimeFailure where the provider refuses, with what it said to the options of each generation.
 */
export function appendCann(runtime: Runtime, sessionOptions: Pointer, options: CannProviderOptions): void {
  const resources = new Resources();
  const refusals = new Set<string>();
  try {
    for (const { key, values, knowsDumping } of generations) {
      if (!knowsDumping && !options.keepsCompiled) continue;
      const provider = makeProviderOptions(runtime, resources);
      try {
        // All in one call: each call sets what it does not name back to its default.
        updateProviderOptions(runtime, provider, {
          device_id: String(options.device),
          enable_cann_graph: '1',
          ...(knowsDumping && { dump_om_model: options.keepsCompiled ? '1' : '0' }),
          [key]: values[options.precision],
        });
      } catch (error) {
        if (!(error instanceof RuntimeFailure)) throw error;
        refusals.add(error.message);
        continue;
      }
      runtime.check(runtime.functions.appendCannProvider(sessionOptions, provider));
      return;
    }
  } finally {
    resources.release();
  }
  throw new RuntimeFailure(`the CANN provider refused its options: ${[...refusals].join('; ')}`);
}

/**
 * The numbers of the devices that the provider accepts. It checks them against what CANN counts.
 * @throws RuntimeFailure with the provider's reason, where there is none.
 */
export function cannDevices(runtime: Runtime): number[] {
  const resources = new Resources();
  const devices: number[] = [];
  try {
    const provider = makeProviderOptions(runtime, resources);
    for (let device = 0; device < mostDevices; device += 1) {
      updateProviderOptions(runtime, provider, { device_id: String(device) });
      devices.push(device);
    }
  } catch (error) {
    if (devices.length === 0 || !(error instanceof RuntimeFailure)) throw error;
  } finally {
    resources.release();
  }
  return devices;
}

function makeProviderOptions(runtime: Runtime, resources: Resources): Pointer {
  const { createCannOptions, releaseCannOptions } = runtime.functions;
  return runtime.make(createCannOptions, releaseCannOptions, resources);
}

function updateProviderOptions(
  runtime: Runtime,
  provider: Pointer,
  options: Readonly<Record<string, string>>,
): void {
  const keys = Object.keys(options);
  runtime.check(runtime.functions.updateCannOptions(provider, keys, Object.values(options), keys.length));
}

function availableProviders(runtime: Runtime): string[] {
  const { getAvailableProviders, releaseAvailableProviders } = runtime.functions;
  const count = new Int32Array(1);
  const names = runtime.pointer((slot) => getAvailableProviders(slot, count));
  const length = count[0] ?? 0;
  try {
    return koffi.decode(names, koffi.array('str', length)) as string[];
  } finally {
    runtime.check(releaseAvailableProviders(names, length));
  }
}
