import type { Backend, Precision } from '@webssl/backend';
import { parseDevice } from './device-specification.js';
import { positive } from './positive.js';
import { type BackendOptions, resolveBackend } from './resolve-backend.js';
import { supportedBackend } from './supported-backend.js';

export interface DeviceOptions extends BackendOptions {
  /**
   * `<backend>[:<precision>][@<index>,...]`, `npu` for the first Ascend backend that answers, or a Backend object.
   * Several indices make a pool. Default `cpu`.
   */
  readonly device?: string | Backend;
  /**
   * Sessions on each device, which make a pool as several devices do. Those of the CPU share its threads: each gets
   * `threads`, or what the machine offers, divided by their number. Default 1.
   */
  readonly sessions?: number;
}

/** The backends that a device name stands for, one a session, and the precision that it asks for. */
export interface ResolvedDevice {
  /** Every device once, then every device once more for its second session, and so on. */
  readonly backends: readonly Backend[];
  /** Absent: the backend's default. */
  readonly precision: Precision | undefined;
}

/**
 * Finds the backends of a device.
 *
 * @throws WebsslError `ENCODER_OPTION_INVALID`, `DEVICE_SPECIFICATION_INVALID`, `DEVICE_UNAVAILABLE`, `BACKEND_UNKNOWN`,
 *   `BACKEND_NOT_INSTALLED`, `BACKEND_INCOMPATIBLE`; `BACKEND_OPTION_INVALID` of the backend
 */
export async function resolveDevice({
  device = 'cpu',
  sessions = 1,
  ...options
}: DeviceOptions): Promise<ResolvedDevice> {
  positive(sessions, 'sessions');
  const { runDeadline } = options;
  if (runDeadline !== undefined) positive(runDeadline, 'runDeadline');
  const { backends, precision } =
    typeof device === 'string'
      ? await named(device, await withThreadsOfOneSession(options, sessions))
      : { backends: [supportedBackend(device)], precision: undefined };
  return { backends: Array.from({ length: sessions }, () => backends).flat(), precision };
}

async function named(device: string, options: BackendOptions): Promise<ResolvedDevice> {
  const { backend, precision, indices } = parseDevice(device);
  const targets = indices.length === 0 ? [undefined] : indices;
  const backends = await Promise.all(targets.map((index) => resolveBackend(backend, index, options)));
  return { backends, precision };
}

async function withThreadsOfOneSession(options: BackendOptions, sessions: number): Promise<BackendOptions> {
  if (sessions === 1) return options;
  // Loaded only here: other devices have no use for the package.
  const threads = options.threads ?? (await import('@webssl/backend-cpu')).availableThreads();
  // What is no number of threads is left for the backend to refuse.
  if (!Number.isInteger(threads) || threads < 1) return options;
  return { ...options, threads: Math.max(1, Math.floor(threads / sessions)) };
}
