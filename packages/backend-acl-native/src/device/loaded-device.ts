import { join } from 'node:path';
import { silentDeviceError } from '../ascendcl/ascend-error.js';
import type { AscendCl } from '../ascendcl/ascendcl.js';
import { codes, stopOnFailure } from '../ascendcl/enumerations.js';
import type { Pointer } from '../ascendcl/functions.js';
import { readDims } from '../ascendcl/structures.js';
import type { SessionSetup } from '../session-setup.js';
import { DisposalStack } from './disposal-stack.js';
import { initialise, useDevice } from './initialise.js';
import { describeLibrary, type LibraryDescription } from './library-description.js';
import { describeModel, type LoadedModel, modelRefused } from './model-description.js';
import { ModelRunner } from './model-runner.js';
import { Slot } from './slot.js';

/** How long the release of everything waits for what the device is still working on, in milliseconds. */
const lastWait = 5000;

/** A device with a model on it, ready to execute. */
export class LoadedDevice {
  readonly library: LibraryDescription;
  readonly model: LoadedModel;
  readonly runner: ModelRunner;
  readonly slots: readonly Slot[];
  readonly #stack = new DisposalStack();
  readonly #onExit = () => this.dispose();

  /**
   * Acquires all that a session needs, in the order that AscendCL asks for.
   * @throws WebsslError what a failed call means, with nothing left behind.
   */
  constructor(acl: AscendCl, setup: SessionSetup) {
    const stack = this.#stack;
    try {
      initialise(acl, stack);
      this.library = describeLibrary(acl);
      useDevice(acl, setup.device, stack);
      const context = acl.create((out) => acl.call('aclrtCreateContext', out, setup.device));
      stack.add(context, () => acl.attempt('aclrtDestroyContext', context));
      const stream = createStream(acl, stack);
      const copyStream = createStream(acl, stack);
      const stopsAtFailure = stopAtFailure(acl, stream.handle) && stopAtFailure(acl, copyStream.handle);
      const modelId = loadModel(acl, setup, stack);
      const description = acl.existing('aclmdlCreateDesc', acl.plain.aclmdlCreateDesc());
      stack.add(description, () => acl.attempt('aclmdlDestroyDesc', description));
      acl.call('aclmdlGetDesc', description, modelId);
      const { batchSizes, outputs, size } = setup.manifest;
      const pixelDims = [3, size.height, size.width];
      this.model = describeModel(acl, description, { batchSizes, outputs, pixelDims });
      const first = new Slot(acl, this.model, stack);
      // Two: while one computes, the pixels of the next are copied. One where a failure could be taken for the success of the next.
      this.slots = stopsAtFailure ? [first, new Slot(acl, this.model, stack)] : [first];
      checkEveryBatchSize(acl, description, modelId, this.model, first, batchSizes);
      this.runner = new ModelRunner(acl, {
        model: this.model,
        modelId,
        stream: stream.handle,
        copyStream: copyStream.handle,
        stopsAtFailure,
        deadlineMilliseconds: setup.deadlineMilliseconds,
      });
      // Before the model: of a device that has failed waiting returns at once, and the end of a stream is the end of its tasks.
      stack.add(stream, () => {
        awaitStream(acl, stream.handle);
        stream.destroy();
        copyStream.destroy();
      });
      acl.stage = 'running';
      // A thread that is told to end while it opens, or within a run, ends by itself, without a call to close.
      process.on('exit', this.#onExit);
    } catch (error) {
      stack.dispose();
      throw error;
    }
  }

  /** Releases everything, in reverse order. Idempotent. */
  dispose(): void {
    process.off('exit', this.#onExit);
    this.#stack.dispose();
  }
}

interface Stream {
  readonly handle: Pointer;
  /** Idempotent. */
  destroy(): void;
}

function createStream(acl: AscendCl, stack: DisposalStack): Stream {
  const handle = acl.create((out) => acl.call('aclrtCreateStream', out));
  let isOpen = true;
  const destroy = () => {
    if (isOpen) acl.attempt('aclrtDestroyStream', handle);
    isOpen = false;
  };
  return stack.add({ handle, destroy }, destroy);
}

/**
 * By default a stream goes on after a task that failed: the copy behind a failed execution would give what the execution before it
 * had left. Whether the library could be told otherwise.
 */
function stopAtFailure(acl: AscendCl, stream: Pointer): boolean {
  if (!acl.has('aclrtSetStreamFailureMode')) return false;
  if (acl.attempt('aclrtSetStreamFailureMode', stream, stopOnFailure) === codes.success) return true;
  acl.expected();
  return false;
}

function loadModel(acl: AscendCl, { folder, manifest }: SessionSetup, stack: DisposalStack): number {
  const id: [number] = [0];
  acl.call('aclmdlLoadFromFile', join(folder, manifest.offlineModel), id);
  return stack.add(id[0], (model) => acl.attempt('aclmdlUnload', model));
}

/** Sets each batch size once: a model that lacks one, or shapes its outputs in another way, is refused now and not in a run. */
function checkEveryBatchSize(
  acl: AscendCl,
  description: Pointer,
  modelId: number,
  { batchSize, outputs }: LoadedModel,
  { inputs }: Slot,
  batchSizes: readonly number[],
): void {
  if (batchSize === undefined) return;
  for (const size of batchSizes) {
    acl.call('aclmdlSetDynamicBatchSize', modelId, inputs, batchSize.index, size);
    for (const { index, name, rowDims } of outputs) {
      const dims = readDims((structure) => acl.call('aclmdlGetCurOutputDims', description, index, structure));
      if (String(dims) !== String([size, ...rowDims])) {
        throw modelRefused(`in a batch of ${size} its output '${name}' is [${dims.join(', ')}]`);
      }
    }
  }
}

/** Memory must not be freed under a device that works on it: where it does not end, everything is left as it is. */
function awaitStream(acl: AscendCl, stream: Pointer): void {
  const code = acl.attempt('aclrtSynchronizeStreamWithTimeout', stream, lastWait);
  if (code === codes.streamTimeout) acl.abandon(silentDeviceError(lastWait));
}
