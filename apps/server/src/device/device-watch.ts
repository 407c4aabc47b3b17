import { setTimeout as sleep } from 'node:timers/promises';
import type { DeviceInfo } from '@webssl/backend';
import type { Encoder } from '@webssl/encoder';

export interface DeviceWatchOptions {
  readonly encoder: Pick<Encoder, 'checkDevices' | 'deviceStates'>;
  /** What is computed to find out whether a device is well: bytes of an encoded image. */
  readonly image: Uint8Array;
  readonly log: DeviceWatchLog;
  /**
   * Milliseconds that the check of a device that was lost may take, with its opening; then it is begun anew. Default: two minutes.
   * The first check takes as long as it takes: it may compile the model.
   */
  readonly checkTimeout?: number | undefined;
  /** Milliseconds until the next check after so many that found a device not well. Default: 1, 2, 4 ... 30 seconds. */
  readonly checkDelay?: (checks: number) => number;
}

interface DeviceWatchLog {
  info(details: object, message: string): void;
  warn(details: object, message: string): void;
}

/** Whether requests make sense now. */
export interface Readiness {
  readonly ready: boolean;
  /** Why not. */
  readonly reason?: string;
  readonly devices: readonly { readonly name: string; readonly state: 'good' | 'lost' | 'retired' }[];
}

const longestDelay = 30_000;
const usualCheckTimeout = 120_000;

/** After so many failures in a row, in milliseconds: 1, 2, 4 ... 30 seconds. */
export function backOff(failures: number): number {
  return Math.min(longestDelay, 1000 * 2 ** Math.min(failures - 1, 10));
}

/**
 * Knows whether the devices compute: by a real inference through the whole path at the start, in every batch size that will be
 * used, and by checking again, with growing pauses, while one of them is not well.
 */
export class DeviceWatch {
  readonly #options: DeviceWatchOptions;
  readonly #stop = new AbortController();
  #hasStarted = false;
  #isStopping = false;
  /** The check that goes on until every device is well. */
  #recovery: Promise<void> | undefined;

  constructor(options: DeviceWatchOptions) {
    this.#options = options;
  }

  get readiness(): Readiness {
    const devices = this.#options.encoder.deviceStates.map(({ device, state }) => ({
      name: deviceName(device),
      state,
    }));
    const reason = this.#reason(devices.some(({ state }) => state === 'good'));
    return { ready: reason === undefined, devices, ...(reason === undefined ? {} : { reason }) };
  }

  /** Whether the server takes no more. */
  get isStopping(): boolean {
    return this.#isStopping;
  }

  /** Ends once a device has computed; goes on checking the others beside. */
  async start(): Promise<void> {
    while (!this.#stop.signal.aborted && !(await this.#check(this.#stop.signal))) await this.#pause(1);
    this.#hasStarted = true;
    this.deviceLost();
  }

  /** Tells that a device may not be well: it is checked until it is. */
  deviceLost(): void {
    if (!this.#hasStarted || this.#isStopping || this.#recovery !== undefined) return;
    this.#recovery = this.#recover().finally(() => {
      this.#recovery = undefined;
    });
  }

  /** Ends the checks. */
  async stop(): Promise<void> {
    this.#isStopping = true;
    this.#stop.abort();
    await this.#recovery;
  }

  #reason(anyIsGood: boolean): string | undefined {
    if (this.#isStopping) return 'The server is stopping.';
    if (!this.#hasStarted) return 'The device has not computed an image yet.';
    return anyIsGood ? undefined : 'No device computes. They are tried again.';
  }

  async #recover(): Promise<void> {
    const { checkTimeout = usualCheckTimeout } = this.#options;
    for (let checks = 1; !this.#stop.signal.aborted && this.#someAreNotWell(); checks++) {
      await this.#pause(checks);
      // A request may have found it well meanwhile.
      if (this.#stop.signal.aborted || !this.#someAreNotWell()) return;
      // A process that hangs while it is opened would otherwise be waited for as long as the backend allows.
      await this.#check(AbortSignal.any([this.#stop.signal, AbortSignal.timeout(checkTimeout)]));
    }
  }

  #someAreNotWell(): boolean {
    return this.#options.encoder.deviceStates.some(({ state }) => state !== 'good');
  }

  async #pause(checks: number): Promise<void> {
    const delay = (this.#options.checkDelay ?? backOff)(checks);
    await sleep(delay, undefined, { signal: this.#stop.signal, ref: false }).catch(() => undefined);
  }

  /** @returns whether a device computed */
  async #check(signal: AbortSignal): Promise<boolean> {
    const { encoder, image, log } = this.#options;
    const checks = await encoder.checkDevices(image, { signal }).catch((error: unknown) => {
      if (!this.#stop.signal.aborted) log.warn({ err: error }, 'the devices could not be checked');
      return [];
    });
    for (const check of checks) {
      const device = deviceName(check.device);
      if ('error' in check) log.warn({ device, err: check.error }, 'a device does not compute');
      else log.info({ device, milliseconds: Object.fromEntries(check.milliseconds) }, 'a device computes');
    }
    return checks.some((check) => !('error' in check));
  }
}

function deviceName(device: DeviceInfo | undefined): string {
  if (device === undefined) return 'unknown';
  return `${device.backend}:${device.precision}@${device.index ?? 0}`;
}
