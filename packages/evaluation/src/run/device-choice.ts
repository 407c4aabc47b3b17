import { type Backend, type BackendSession, type OpenOptions, WebsslError } from '@webssl/backend';
import { type AscendOptions, type CpuOptions, type OpenedModel, resolveDevice } from '@webssl/encoder';

/** One device of an evaluation. */
export interface DeviceChoice extends CpuOptions, AscendOptions {
  /** `<backend>[:<precision>][@<index>]`, `npu`, or a Backend object. Not a pool: its devices are measured one by one. */
  readonly device: string | Backend;
}

/**
 * What a device is called in records: its name, and the options by which it differs from the default, such as
 * `cpu[threads:1;mode:throughput]`. Holds no space.
 *
 * @throws WebsslError `EVALUATION_OPTION_INVALID` for what is no device
 */
export function deviceLabel(choice: DeviceChoice): string {
  const { device, threads, mode } = choice ?? {};
  const name = typeof device === 'string' ? device : device?.id;
  if (typeof name !== 'string' || !/^\S+$/.test(name)) {
    throw new WebsslError({
      code: 'EVALUATION_OPTION_INVALID',
      message: `A device is { device: name or Backend }, and neither the name nor the id of a Backend holds a space; this is ${JSON.stringify(choice)}.`,
    });
  }
  const options = [
    ...(threads === undefined ? [] : [`threads:${threads}`]),
    ...(mode === undefined || mode === 'coldStart' ? [] : [`mode:${mode}`]),
  ];
  return options.length === 0 ? name : `${name}[${options.join(';')}]`;
}

/** Whether two choices are one device with the same options. Devices that are not must not share a label. */
export function isSameDevice(one: DeviceChoice, other: DeviceChoice): boolean {
  return one.device === other.device && deviceLabel(one) === deviceLabel(other);
}

/**
 * Opens a session of its own on one device, in the precision that its name asks for.
 *
 * @throws WebsslError `EVALUATION_DEVICE_POOL` for several indices; what {@link resolveDevice} and `Backend.open` throw
 */
export async function openSessionOn(
  choice: DeviceChoice,
  { source, size }: OpenedModel,
  options: Pick<OpenOptions, 'outputs' | 'tokens' | 'signal'>,
): Promise<BackendSession> {
  const { backends, precision } = await resolveDevice(choice);
  const [backend, ...others] = backends;
  if (backend === undefined || others.length > 0) {
    throw new WebsslError({
      code: 'EVALUATION_DEVICE_POOL',
      message: `${deviceLabel(choice)} names ${backends.length} devices. Evaluate them one by one: each is a device of its own.`,
    });
  }
  return backend.open(source, { ...options, size, ...(precision === undefined ? {} : { precision }) });
}
