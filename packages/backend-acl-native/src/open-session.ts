import { type RunTiming, WebsslError } from '@webssl/backend';
import type { NativeCall, ServedRun, ServedSession } from '@webssl/backend/host';
import { AscendCl } from './ascendcl/ascendcl.js';
import { type Koffi, loadLibrary } from './ascendcl/load-library.js';
import { BatchResult } from './device/batch-result.js';
import { LoadedDevice } from './device/loaded-device.js';
import { selectWanted } from './device/output-selection.js';
import { SlotQueue } from './device/slot-queue.js';
import { splitBatch } from './device/split-batch.js';
import type { SessionSetup } from './session-setup.js';

/**
 * Opens an offline model on a device. The setup is the one that `aclNative` makes: it comes from the same package.
 * @throws WebsslError `BACKEND_LIBRARY_MISSING`, `BACKEND_MODEL_REFUSED`, `BACKEND_OUT_OF_MEMORY`, `BACKEND_OPEN_FAILED`,
 * `BACKEND_LOST`.
 */
export async function openSession(
  koffi: Koffi,
  setup: unknown,
  nativeCall: NativeCall,
): Promise<ServedSession> {
  const request = setup as SessionSetup;
  // In one piece: a thread that is told to end meanwhile does so after it, when everything can be released.
  const device = await nativeCall(
    () => new LoadedDevice(new AscendCl(koffi, loadLibrary(koffi, request.library)), request),
  );
  return new AscendSession(device, request, nativeCall);
}

/** The native side of a session: batches are split over the batch sizes of the model and executed in order. */
class AscendSession implements ServedSession {
  readonly device: ServedSession['device'];
  readonly batchSizes: readonly number[];
  readonly concurrentRuns: number;
  readonly #loaded: LoadedDevice;
  readonly #tokens: SessionSetup['manifest']['tokens'];
  readonly #slots: SlotQueue;
  readonly #nativeCall: NativeCall;
  /** The end of the run before; never rejects. */
  #previous: Promise<unknown> = Promise.resolve();

  constructor(loaded: LoadedDevice, { device, manifest }: SessionSetup, nativeCall: NativeCall) {
    const { name, soc, library, cannVersion, isSimulator } = loaded.library;
    const sha256 = manifest.files.find(({ path }) => path === manifest.offlineModel)?.sha256;
    this.device = {
      backend: 'acl-native',
      name,
      precision: manifest.precision,
      library,
      index: device,
      details: {
        soc,
        ...(cannVersion !== undefined && { cannVersion }),
        batchSizes: manifest.batchSizes.join(','),
        offlineModel: manifest.offlineModel,
        ...(sha256 !== undefined && { offlineModelSha256: sha256 }),
        compilerVersion: manifest.compilerVersion,
        ...(isSimulator && { simulator: true }),
      },
    };
    this.batchSizes = manifest.batchSizes;
    this.concurrentRuns = loaded.slots.length;
    this.#loaded = loaded;
    this.#tokens = manifest.tokens;
    this.#slots = new SlotQueue(loaded.slots);
    this.#nativeCall = nativeCall;
  }

  async run(run: ServedRun) {
    const previous = this.#previous;
    const executed = this.#execute(run);
    // Without their outcomes: each would hold the results of all before it.
    this.#previous = Promise.allSettled([previous, executed]).then(() => {});
    await this.#previous;
    return executed;
  }

  async close(): Promise<void> {
    this.#loaded.dispose();
  }

  async #execute({ input, outputs, tokens, signal }: ServedRun) {
    const { model, runner } = this.#loaded;
    const [batch] = input.dims;
    const { rowValues } = model.pixels;
    const wanted = selectWanted(model, outputs, this.#tokens, tokens);
    const result = new BatchResult(batch, wanted);
    const failed = new AbortController();
    const parts = splitBatch(batch, this.batchSizes).map(async (part) => {
      const slot = await this.#slots.take();
      try {
        failed.signal.throwIfAborted();
        const end = part.start + part.count;
        const pixels = input.data.subarray(part.start * rowValues, end * rowValues);
        return await this.#nativeCall(() => runner.execute(slot, { pixels, part, wanted, result }), signal);
      } catch (error) {
        failed.abort(error);
        throw error;
      } finally {
        this.#slots.give(slot);
      }
    });
    const outcomes = await Promise.allSettled(parts);
    if (failed.signal.aborted) throw await this.#ended(failed.signal.reason);
    const timings = outcomes.flatMap((outcome) => (outcome.status === 'fulfilled' ? [outcome.value] : []));
    return { tensors: result.tensors, timing: timings.reduce(added) };
  }

  /** After a failure that the device does not survive everything is released while that still works. */
  async #ended(error: unknown): Promise<unknown> {
    if (WebsslError.isInstance(error, 'BACKEND_LOST')) {
      await this.#loaded.runner.idle();
      // Refused where the session is being closed, which releases everything as well.
      await this.#nativeCall(() => this.#loaded.dispose()).catch(() => {});
    }
    return error;
  }
}

function added(left: Required<RunTiming>, right: Required<RunTiming>): Required<RunTiming> {
  return {
    hostToDevice: left.hostToDevice + right.hostToDevice,
    compute: left.compute + right.compute,
    deviceToHost: left.deviceToHost + right.deviceToHost,
  };
}
