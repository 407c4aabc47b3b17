import { type Backend, type DeviceReport, WebsslError } from '@webssl/backend';
import { importBackend } from './import-backend.js';
import { namingDevice } from './naming-device.js';
import { supportedBackend } from './supported-backend.js';

/** Options that only the CPU backend has a use for. */
export interface CpuOptions {
  /** Threads of one session. Default: what the machine or container offers. */
  readonly threads?: number;
  /**
   * `coldStart` opens in a fraction of a second and shares the weights' file mapping; `throughput` packs the weights
   * into private memory first, which takes seconds and makes each image about a tenth faster. Default `coldStart`.
   */
  readonly mode?: 'coldStart' | 'throughput';
}

/** Options that only the Ascend backends have a use for. */
export interface AscendOptions {
  /** A folder that `webssl export om` wrote, for `acl-native`. Default: the cache, else the compiler of CANN. */
  readonly offlineModel?: string;
  /** Gets every line that the compiler of CANN writes: compiling the large models takes minutes. */
  readonly onCompilerLine?: (line: string) => void;
}

/** The options of a device by its name; each backend takes those that are meant for it. */
export interface BackendOptions extends CpuOptions, AscendOptions {
  /**
   * Whole milliseconds that the device may take for what it computes in one piece: an image on the CPU, a batch on an NPU. A session
   * that takes longer is given up as lost. `cann-onnx` keeps its own, because it compiles the model in the first run of a size.
   * Default: the backend's, ten minutes (`acl-native`: one).
   */
  readonly runDeadline?: number;
}

interface BackendPackage {
  readonly name: string;
  readonly factory: string;
  /** Those of the options that its factory knows, with the names that it has for them. */
  readonly options: Readonly<Partial<Record<keyof BackendOptions, string>>>;
}

const packages: Readonly<Record<string, BackendPackage>> = {
  cpu: {
    name: '@webssl/backend-cpu',
    factory: 'cpu',
    options: { threads: 'threads', mode: 'mode', runDeadline: 'deadlineMilliseconds' },
  },
  'cann-onnx': {
    name: '@webssl/backend-cann-onnx',
    factory: 'cannOnnx',
    options: {},
  },
  'acl-native': {
    name: '@webssl/backend-acl-native',
    factory: 'aclNative',
    options: {
      offlineModel: 'offlineModel',
      onCompilerLine: 'onCompilerLine',
      runDeadline: 'deadlineMilliseconds',
    },
  },
};

/** Every backend that has a name, the CPU first, then those of Ascend in the order in which `npu` tries them. */
export const backendIds = ['cpu', 'acl-native', 'cann-onnx'] as const;

/** In the order in which `npu` tries them. */
const ascendBackends = backendIds.filter((id) => id !== 'cpu');

type Factory = (options: Readonly<Record<string, unknown>>) => Backend;

/**
 * The backend of one device.
 *
 * @param id a backend's id, or `npu` for the first Ascend backend that is installed and answers
 * @param index which of several devices; absent for the backend's default
 * @throws WebsslError `BACKEND_UNKNOWN`, `BACKEND_NOT_INSTALLED`, or `DEVICE_UNAVAILABLE` when no Ascend backend answers
 */
export async function resolveBackend(
  id: string,
  index: number | undefined,
  options: BackendOptions,
): Promise<Backend> {
  if (id === 'npu') return firstAscendBackend(index, options);
  if (id === 'cpu' && index !== undefined && index !== 0) {
    throw new WebsslError({
      code: 'DEVICE_SPECIFICATION_INVALID',
      message: `There is one CPU device, cpu or cpu@0, not cpu@${index}. Its threads are chosen with the threads option.`,
    });
  }
  return named(id, options, id === 'cpu' ? undefined : index);
}

async function firstAscendBackend(index: number | undefined, options: BackendOptions): Promise<Backend> {
  const reasons: string[] = [];
  // A compiled model is for one of them only: the other would not use it.
  const candidates = options.offlineModel === undefined ? ascendBackends : (['acl-native'] as const);
  for (const id of candidates) {
    try {
      const backend = await createBackend(id, options, index);
      const found = usableDevice(await backend.probe(), index);
      if (typeof found === 'string') reasons.push(`${id}: ${found}`);
      else return named(id, options, index ?? (found === 0 ? undefined : found));
    } catch (error) {
      if (!WebsslError.isInstance(error)) throw error;
      reasons.push(`${id}: ${error.message}`);
    }
  }
  throw new WebsslError({
    code: 'DEVICE_UNAVAILABLE',
    message: `No Ascend NPU answers.\n${reasons.map((reason) => `  ${reason}`).join('\n')}`,
    details: { reasons },
  });
}

/** The index of the device to use: the one asked for, else the first that can be used; why there is none. */
function usableDevice(report: DeviceReport, index: number | undefined): number | string {
  if (!report.usable) return `${report.reason} ${report.advice}`;
  const { devices } = report;
  if (index === undefined) {
    // The report of a library of which no device can be used is not a usable one.
    return devices.find(({ unusable }) => unusable === undefined)?.index ?? 0;
  }
  const device = devices.find((one) => one.index === index);
  if (device === undefined) {
    return `There is no device ${index}, only ${devices.map((one) => one.index).join(', ')}.`;
  }
  const { unusable } = device;
  return unusable === undefined ? index : `Device ${index}: ${unusable.reason} ${unusable.advice}`;
}

async function named(id: string, options: BackendOptions, index: number | undefined): Promise<Backend> {
  const backend = await createBackend(id, options, index);
  return index === undefined ? backend : namingDevice(backend, index);
}

/**
 * What the factory of a backend's package makes.
 *
 * @throws WebsslError `BACKEND_UNKNOWN`, `BACKEND_NOT_INSTALLED`, `BACKEND_INCOMPATIBLE`; what the factory throws
 */
export async function createBackend(id: string, options: BackendOptions, index?: number): Promise<Backend> {
  const known = packages[id];
  if (known === undefined) {
    throw new WebsslError({
      code: 'BACKEND_UNKNOWN',
      message: `There is no backend ${JSON.stringify(id)}. Known: ${[...backendIds, 'npu'].join(', ')}. A program can pass any other as a Backend object.`,
    });
  }
  const module = await importBackend(known.name, id);
  const factory = module[known.factory];
  if (typeof factory !== 'function') {
    throw new WebsslError({
      code: 'BACKEND_INCOMPATIBLE',
      message: `${known.name} does not export ${known.factory}(). Install the version of it that belongs to this encoder.`,
    });
  }
  const given: Readonly<Record<string, unknown>> = { ...options };
  const own = Object.entries(known.options).flatMap(([name, itsName]) =>
    given[name] === undefined ? [] : [[itsName, given[name]] as const],
  );
  const backend = (factory as Factory)({
    ...Object.fromEntries(own),
    ...(index === undefined ? {} : { device: index }),
  });
  return supportedBackend(backend, known.name);
}
