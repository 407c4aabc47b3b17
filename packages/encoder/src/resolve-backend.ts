import { type Backend, WebsslError } from '@webssl/backend';
import { importBackend } from './import-backend.js';

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

/** The package and the factory behind each backend id. */
const packages: Readonly<Record<string, { readonly name: string; readonly factory: string }>> = {
  cpu: { name: '@webssl/backend-cpu', factory: 'cpu' },
  'cann-onnx': { name: '@webssl/backend-cann-onnx', factory: 'cannOnnx' },
  'acl-native': { name: '@webssl/backend-acl-native', factory: 'aclNative' },
};

/** In the order in which `npu` tries them. */
const ascendBackends = ['acl-native', 'cann-onnx'];

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
  cpuOptions: CpuOptions,
): Promise<Backend> {
  if (id === 'npu') return firstAscendBackend(index);
  const factory = await importFactory(id);
  if (id !== 'cpu') return factory(index === undefined ? {} : { device: index });
  if (index !== undefined && index !== 0) {
    throw new WebsslError({
      code: 'DEVICE_SPECIFICATION_INVALID',
      message: `There is one CPU device, cpu or cpu@0, not cpu@${index}. Its threads are chosen with the threads option.`,
    });
  }
  return factory({ ...cpuOptions });
}

async function firstAscendBackend(index: number | undefined): Promise<Backend> {
  const reasons: string[] = [];
  for (const id of ascendBackends) {
    try {
      const backend = (await importFactory(id))(index === undefined ? {} : { device: index });
      const report = await backend.probe();
      if (report.usable) return backend;
      reasons.push(`${id}: ${report.reason} ${report.advice}`);
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

async function importFactory(id: string): Promise<Factory> {
  const known = packages[id];
  if (known === undefined) {
    throw new WebsslError({
      code: 'BACKEND_UNKNOWN',
      message: `There is no backend ${JSON.stringify(id)}. Known: ${[...Object.keys(packages), 'npu'].join(', ')}. Any other can be passed as a Backend object.`,
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
  return factory as Factory;
}
