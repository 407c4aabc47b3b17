import { type DeviceInfo, WebsslError } from '@webssl/backend';
import type { Terminal } from '@webssl/command-line';
import type { DeviceLoss } from '@webssl/encoder';

/** So many lost sessions without an image in between are no accident, even of a single device. */
const fewestLosses = 4;
/** The encoder leaves a device out after as many, while it has others. */
const lossesOfADevice = 2;

const lastIsDefective = 'What it had fails, unless there is another device to compute it once more.';

/** Tells of every session that is lost and how the work goes on, and knows when it cannot. */
export class DeviceLosses {
  readonly #terminal: Terminal;
  #sinceAnImage = 0;
  #hasLost = false;

  constructor(terminal: Terminal) {
    this.#terminal = terminal;
  }

  readonly report = ({ device, error, retired }: DeviceLoss): void => {
    this.#sinceAnImage++;
    const name =
      device === undefined ? 'A device' : `${device.backend}@${device.index ?? 0} (${device.name})`;
    const isDefective = WebsslError.isInstance(error) && error.details['policy'] === 'give-up';
    const goingOn = retired ? 'Going on without it. ' : '';
    const outcome = isDefective && !retired ? lastIsDefective : this.#whatItHad();
    this.#terminal.note(`warning: ${name} was lost: ${error.message}\n${goingOn}${outcome}`);
    this.#hasLost = true;
  };

  /** The encoder computes a batch at most twice: what a device had may have been taken over from an earlier loss. */
  #whatItHad(): string {
    return this.#hasLost
      ? 'What it had for the first time is computed once more; what was being computed once more already fails.'
      : 'What it had is computed once more.';
  }

  /** An image was computed: whatever was lost before, there is a device. */
  recovered(): void {
    this.#sinceAnImage = 0;
  }

  /**
   * Ends the work where a device's error is all that comes of an image, and every device was lost again and again: opening sessions
   * for each of the images that are left would take hours.
   *
   * @throws WebsslError `BACKEND_LOST`
   */
  giveUpAfter(error: Error, devices: readonly DeviceInfo[]): void {
    const losses = this.#sinceAnImage;
    if (!WebsslError.isInstance(error) || !error.code.startsWith('BACKEND_')) return;
    if (losses < Math.max(fewestLosses, lossesOfADevice * devices.length)) return;
    throw new WebsslError({
      code: 'BACKEND_LOST',
      message: `No device is left to compute on: ${losses} sessions in a row were lost without an image. The last error: ${error.message}`,
      cause: error,
    });
  }
}
