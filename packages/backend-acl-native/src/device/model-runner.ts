import { setTimeout as delay, setImmediate as nextTurn } from 'node:timers/promises';
import type { RunTiming } from '@webssl/backend';
import { silentDeviceError } from '../ascendcl/ascend-error.js';
import type { AscendCl } from '../ascendcl/ascendcl.js';
import { codes, copyKind, eventComplete } from '../ascendcl/enumerations.js';
import type { Pointer } from '../ascendcl/functions.js';
import type { BatchResult } from './batch-result.js';
import { copyPieces } from './copy-pieces.js';
import { DisposalStack } from './disposal-stack.js';
import type { LoadedModel } from './model-description.js';
import type { WantedOutput } from './output-selection.js';
import { pollingPause } from './polling-pause.js';
import type { Slot } from './slot.js';
import type { BatchPart } from './split-batch.js';

/** How often the stream is asked for a failure while an execution takes longer than expected, in milliseconds. */
const failureCheckMilliseconds = 50;
/** The shortest time that the library waits for a stream. */
const shortestWait = 1;

/** A part of a batch, and what is wanted of it. */
export interface Job {
  /** Of the images of the part only. */
  readonly pixels: Float32Array;
  readonly part: BatchPart;
  readonly wanted: readonly WantedOutput[];
  readonly result: BatchResult;
}

/** What a runner works with. */
export interface RunnerParts {
  readonly model: LoadedModel;
  readonly modelId: number;
  readonly stream: Pointer;
  /** Stream for what goes to the device. */
  readonly copyStream: Pointer;
  /** Whether a task that fails keeps those behind it from being executed. Where not, only one execution may be under way. */
  readonly stopsAtFailure: boolean;
  readonly deadlineMilliseconds: number;
}

interface Events {
  readonly begin: Pointer;
  readonly computed: Pointer;
  readonly copied: Pointer;
}

/**
 * Executes a model on a stream. While one execution computes, the next one's pixels are copied to the device and it is
 * enqueued behind. Executions end in the order in which they began.
 */
export class ModelRunner {
  readonly #acl: AscendCl;
  readonly #parts: RunnerParts;
  /** The end of the execution before; never rejects. */
  #previous: Promise<void> = Promise.resolve();
  /** How long the device worked on its last execution of a batch size, in milliseconds. */
  readonly #lastDuration = new Map<number, number>();

  constructor(acl: AscendCl, parts: RunnerParts) {
    this.#acl = acl;
    this.#parts = parts;
  }

  /**
   * Executes a job in a slot that nothing else uses. Everything up to the last task on the stream happens before this returns,
   * so the order of calls is the order of executions.
   * @throws WebsslError `BACKEND_OUT_OF_MEMORY`, `BACKEND_RUN_FAILED`: the slot can be used again. `BACKEND_LOST`: nothing can.
   */
  execute(slot: Slot, job: Job): Promise<Required<RunTiming>> {
    const execution = this.#execute(slot, job, this.#previous);
    this.#previous = execution.then(
      () => {},
      () => {},
    );
    return execution;
  }

  /** Resolves when nothing is executed any more. */
  idle(): Promise<void> {
    return this.#previous;
  }

  async #execute(slot: Slot, job: Job, previous: Promise<void>): Promise<Required<RunTiming>> {
    const stack = new DisposalStack();
    try {
      const { events, hostToDevice } = this.#enqueue(slot, job, stack);
      await previous;
      const { batchSize, start, count } = job.part;
      await this.#untilDone(this.#lastDuration.get(batchSize) ?? 0, events.copied);
      if (!this.#parts.stopsAtFailure) await this.#untilDone(0);
      const compute = this.#elapsed(events.begin, events.computed);
      const deviceToHost = this.#elapsed(events.computed, events.copied);
      this.#lastDuration.set(batchSize, compute + deviceToHost);
      for (const wanted of job.wanted) {
        const { bytes } = slot.hostOutput(wanted.index, copyBytes(wanted, count));
        job.result.add(wanted, bytes, start, count);
      }
      return { hostToDevice, compute, deviceToHost };
    } catch (error) {
      await previous;
      // Tasks that were enqueued before the failure still use the slot.
      if (!this.#acl.lost) await this.#untilDone(0);
      throw error;
    } finally {
      stack.dispose();
    }
  }

  #enqueue(slot: Slot, job: Job, stack: DisposalStack): { events: Events; hostToDevice: number } {
    const acl = this.#acl;
    const { model, modelId, stream } = this.#parts;
    const { wanted, part } = job;
    if (acl.lost) throw acl.lost;
    const copies = wanted.map((output) => ({
      output,
      host: slot.hostOutput(output.index, copyBytes(output, part.count)),
    }));
    const events = {
      begin: this.#createEvent(stack),
      computed: this.#createEvent(stack),
      copied: this.#createEvent(stack),
    };
    const hostToDevice = this.#copyPixels(slot, job, stack);
    if (model.batchSize !== undefined) {
      acl.call('aclmdlSetDynamicBatchSize', modelId, slot.inputs, model.batchSize.index, part.batchSize);
    }
    acl.call('aclrtRecordEvent', events.begin, stream);
    acl.call('aclmdlExecuteAsync', modelId, slot.inputs, slot.outputs, stream);
    acl.call('aclrtRecordEvent', events.computed, stream);
    for (const { output, host } of copies) this.#copyOutput(slot, output, host.address, part.count);
    acl.call('aclrtRecordEvent', events.copied, stream);
    return { events, hostToDevice };
  }

  #createEvent(stack: DisposalStack): Pointer {
    // A new one each time: whether one can be recorded again without a reset differs between versions of CANN.
    const event = this.#acl.create((out) => this.#acl.call('aclrtCreateEvent', out));
    return stack.add(event, () => this.#acl.attempt('aclrtDestroyEvent', event));
  }

  /**
   * Copies images and padding to the device, which may be computing meanwhile. While one piece is on its way the next is brought into
   * pinned memory.
   * @returns milliseconds from the begin of the first copy to the end of the last
   */
  #copyPixels(slot: Slot, { pixels, part }: Job, stack: DisposalStack): number {
    const { copyStream, model } = this.#parts;
    const { address, bytes } = slot.hostPixels;
    const values = new Float32Array(bytes.buffer, bytes.byteOffset, part.batchSize * model.pixels.rowValues);
    const begin = this.#createEvent(stack);
    const end = this.#createEvent(stack);
    try {
      for (const { from, to } of copyPieces(values.length)) {
        values.set(pixels.subarray(from, to), from);
        values.fill(0, Math.max(from, Math.min(pixels.length, to)), to);
        if (from === 0) this.#acl.call('aclrtRecordEvent', begin, copyStream);
        this.#acl.call(
          'aclrtMemcpyAsync',
          slot.devicePixels + BigInt(from * 4),
          model.pixels.bytes - from * 4,
          address + BigInt(from * 4),
          (to - from) * 4,
          copyKind.hostToDevice,
          copyStream,
        );
      }
      this.#acl.call('aclrtRecordEvent', end, copyStream);
    } finally {
      // Also after a failure: copies that were enqueued before it read the slot.
      this.#awaitCopies();
    }
    return this.#elapsed(begin, end);
  }

  /** Copies take less than a millisecond: waiting for them blocks the thread. */
  #awaitCopies(): void {
    const { copyStream, deadlineMilliseconds } = this.#parts;
    const code = this.#acl.attempt('aclrtSynchronizeStreamWithTimeout', copyStream, deadlineMilliseconds);
    if (code === codes.success) return;
    const error =
      code === codes.streamTimeout
        ? silentDeviceError(deadlineMilliseconds)
        : this.#acl.failure('aclrtSynchronizeStreamWithTimeout', code);
    if (code === codes.streamTimeout) this.#acl.abandon(error);
    throw error;
  }

  /** Enqueues the copies of one output: only the rows of images, never those of padding. */
  #copyOutput(slot: Slot, wanted: WantedOutput, host: Pointer, count: number): void {
    const { deviceStride, copiedBytes, hostStride, index } = wanted;
    const device = slot.deviceOutputs[index] ?? 0n;
    const isOneCopy = copiedBytes === deviceStride;
    const bytes = isOneCopy ? count * deviceStride : copiedBytes;
    for (let row = 0; row < (isOneCopy ? 1 : count); row += 1) {
      this.#acl.call(
        'aclrtMemcpyAsync',
        host + BigInt(row * hostStride),
        bytes,
        device + BigInt(row * deviceStride),
        bytes,
        copyKind.deviceToHost,
        this.#parts.stream,
      );
    }
  }

  /**
   * Waits until an event has happened, or without one until the stream has nothing left to do, with an event loop that is free.
   * @throws WebsslError `BACKEND_LOST` where the device failed or was silent for longer than the deadline
   */
  async #untilDone(expected: number, event?: Pointer): Promise<void> {
    const { deadlineMilliseconds, stream } = this.#parts;
    const begin = performance.now();
    let nextCheck = begin + (event === undefined ? 0 : expected + failureCheckMilliseconds);
    for (;;) {
      // First: another execution may have failed meanwhile, and what came before that is right.
      if (event !== undefined && this.#hasHappened(event)) return;
      if (this.#acl.lost) throw this.#acl.lost;
      const now = performance.now();
      if (now >= nextCheck) {
        // An event does not tell a failure from a wait: the stream does.
        const code = this.#acl.attempt('aclrtSynchronizeStreamWithTimeout', stream, shortestWait);
        if (code === codes.success && event === undefined) return;
        if (code === codes.streamTimeout) this.#acl.expected();
        else if (code !== codes.success) {
          const failure = this.#acl.failure('aclrtSynchronizeStreamWithTimeout', code);
          // It may be another execution that failed, after this one was done.
          if (event !== undefined && this.#parts.stopsAtFailure && this.#hasHappened(event)) return;
          throw failure;
        }
        nextCheck = performance.now() + failureCheckMilliseconds;
      }
      if (now - begin > deadlineMilliseconds) {
        const error = silentDeviceError(deadlineMilliseconds);
        this.#acl.abandon(error);
        throw error;
      }
      const pause = pollingPause(now - begin, expected);
      await (pause === 0 ? nextTurn() : delay(pause));
    }
  }

  #hasHappened(event: Pointer): boolean {
    const status: [number] = [0];
    this.#acl.call('aclrtQueryEventStatus', event, status);
    return status[0] === eventComplete;
  }

  #elapsed(begin: Pointer, end: Pointer): number {
    const milliseconds: [number] = [0];
    this.#acl.call('aclrtEventElapsedTime', milliseconds, begin, end);
    return Math.max(0, milliseconds[0]);
  }
}

/** Room that a copy of an output takes on the host. */
function copyBytes({ hostStride }: WantedOutput, count: number): number {
  return count * hostStride;
}
