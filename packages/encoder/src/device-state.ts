import type { DeviceInfo } from '@webssl/backend';

/** A session that was lost while the encoder needed it. */
export interface DeviceLoss {
  /** The device, as it last said what it is; absent where it never did. */
  readonly device: DeviceInfo | undefined;
  readonly error: Error;
  /** Whether the encoder goes on without this device. Otherwise it opens a fresh session on it. */
  readonly retired: boolean;
}

/** How well a device is. */
export interface DeviceState {
  /** As it last said what it is; absent where it never did. */
  readonly device: DeviceInfo | undefined;
  readonly state: 'good' | 'lost' | 'retired';
  /** Why it is not good. */
  readonly error?: Error;
}

/** What a check found out about one device. */
export type DeviceCheck =
  | {
      readonly device: DeviceInfo;
      /** Milliseconds of a run, by batch size. */
      readonly milliseconds: ReadonlyMap<number, number>;
    }
  | { readonly device: DeviceInfo | undefined; readonly error: Error };
