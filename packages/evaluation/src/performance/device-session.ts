import { setImmediate as nextTurn } from 'node:timers/promises';
import { type BackendSession, WebsslError } from '@webssl/backend';

/** The session on a device under measurement. When it ends by itself (its process died) it is opened again, once. */
export class DeviceSession {
  readonly #open: () => Promise<BackendSession>;
  #session: BackendSession;
  #reopened = false;

  private constructor(open: () => Promise<BackendSession>, session: BackendSession) {
    this.#open = open;
    this.#session = session;
  }

  static async open(open: () => Promise<BackendSession>): Promise<DeviceSession> {
    return new DeviceSession(open, await open());
  }

  /** The latest session; it may have ended. */
  get latest(): BackendSession {
    return this.#session;
  }

  /** @throws WebsslError `EVALUATION_DEVICE_LOST` when the second session has ended too; what opening it throws */
  async alive(): Promise<BackendSession> {
    const reason = await Promise.race([this.#session.closed, nextTurn(undefined)]);
    if (reason === undefined) return this.#session;
    if (this.#reopened) {
      throw new WebsslError({
        code: 'EVALUATION_DEVICE_LOST',
        message:
          'The session has ended a second time, or could not be opened again after it had ended. This was not measured.',
        cause: reason.kind === 'lost' ? reason.error : undefined,
      });
    }
    this.#reopened = true;
    this.#session = await this.#open();
    return this.#session;
  }

  close(): Promise<void> {
    return this.#session.close();
  }
}
