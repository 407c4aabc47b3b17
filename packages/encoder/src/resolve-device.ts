import type { Backend, Precision } from '@webssl/backend';
import { parseDevice } from './device-specification.js';
import { type BackendOptions, resolveBackend } from './resolve-backend.js';

export interface DeviceOptions extends BackendOptions {
  /**
   * `<backend>[:<precision>][@<index>,...]`, `npu` for the first Ascend backend that answers, or a Backend object.
   * Several indices make a pool. Default `cpu`.
   */
  readonly device?: string | Backend;
}

/** The backends that a device name stands for, one an index, and the precision that it asks for. */
export interface ResolvedDevice {
  readonly backends: readonly Backend[];
  /** Absent: the backend's default. */
  readonly precision: Precision | undefined;
}

/**
 * Finds the backends of a device.
 *
 * @throws WebsslError `DEVICE_SPECIFICATION_INVALID`, `DEVICE_UNAVAILABLE`, `BACKEND_UNKNOWN`, `BACKEND_NOT_INSTALLED`
 */
export async function resolveDevice({ device = 'cpu', ...options }: DeviceOptions): Promise<ResolvedDevice> {
  if (typeof device !== 'string') return { backends: [device], precision: undefined };
  const { backend, precision, indices } = parseDevice(device);
  const targets = indices.length === 0 ? [undefined] : indices;
  const backends = await Promise.all(targets.map((index) => resolveBackend(backend, index, options)));
  return { backends, precision };
}
