import type { AscendCl } from '../ascendcl/ascendcl.js';
import { hugePagesFirst } from '../ascendcl/enumerations.js';
import type { Pointer } from '../ascendcl/functions.js';
import type { DisposalStack } from './disposal-stack.js';
import type { LoadedModel } from './model-description.js';

/** Pinned memory of the host. */
export interface HostMemory {
  readonly address: Pointer;
  readonly bytes: Uint8Array;
}

/**
 * The memory and data sets of one execution at a time. They are made once, for the largest batch size, and serve every smaller
 * one: the model reads and writes the first rows.
 */
export class Slot {
  readonly inputs: Pointer;
  readonly outputs: Pointer;
  /** Address of the pixels on the device. */
  readonly devicePixels: Pointer;
  /** The pixels on the host. */
  readonly hostPixels: HostMemory;
  /** Addresses of the outputs on the device, in the order of the model. */
  readonly deviceOutputs: readonly Pointer[];
  readonly #acl: AscendCl;
  readonly #hostOutputs = new Map<number, HostMemory>();

  constructor(acl: AscendCl, { pixels, batchSize, outputs }: LoadedModel, stack: DisposalStack) {
    this.#acl = acl;
    this.hostPixels = stack.add(allocateHost(acl, pixels.bytes), ({ address }) =>
      acl.attempt('aclrtFreeHost', address),
    );
    const inputs = batchSize === undefined ? [pixels] : [pixels, batchSize];
    const deviceInputs = inputs.map(({ bytes }) => allocateDevice(acl, bytes, stack));
    this.devicePixels = deviceInputs[0] ?? 0n;
    this.deviceOutputs = outputs.map(({ bytes }) => allocateDevice(acl, bytes, stack));
    this.inputs = dataset(
      acl,
      inputs
        .map(({ bytes, index }, position) => ({ bytes, index, address: deviceInputs[position] ?? 0n }))
        .sort((left, right) => left.index - right.index),
      stack,
    );
    this.outputs = dataset(
      acl,
      outputs.map(({ bytes }, position) => ({ bytes, address: this.deviceOutputs[position] ?? 0n })),
      stack,
    );
    stack.add(this.#hostOutputs, (memories) => {
      for (const { address } of memories.values()) acl.attempt('aclrtFreeHost', address);
    });
  }

  /**
   * Memory of the host for an output, at least this large: allocated when it is first asked for, because most outputs never are.
   * @throws WebsslError `BACKEND_OUT_OF_MEMORY`
   */
  hostOutput(index: number, bytes: number): HostMemory {
    const present = this.#hostOutputs.get(index);
    if (present !== undefined && present.bytes.length >= bytes) return present;
    const memory = allocateHost(this.#acl, bytes);
    this.#hostOutputs.set(index, memory);
    if (present !== undefined) this.#acl.attempt('aclrtFreeHost', present.address);
    return memory;
  }
}

function allocateHost(acl: AscendCl, bytes: number): HostMemory {
  const address = acl.create((out) => acl.call('aclrtMallocHost', out, bytes));
  return { address, bytes: acl.bytesAt(address, bytes) };
}

function allocateDevice(acl: AscendCl, bytes: number, stack: DisposalStack): Pointer {
  const address = acl.create((out) => acl.call('aclrtMalloc', out, bytes, hugePagesFirst));
  return stack.add(address, () => acl.attempt('aclrtFree', address));
}

/** A data set over memory that stays the caller's. */
function dataset(
  acl: AscendCl,
  buffers: readonly { readonly address: Pointer; readonly bytes: number }[],
  stack: DisposalStack,
): Pointer {
  // Released after the data set that points to them.
  const dataBuffers = buffers.map(({ address, bytes }) => {
    const buffer = acl.existing('aclCreateDataBuffer', acl.plain.aclCreateDataBuffer(address, bytes));
    return stack.add(buffer, () => acl.attempt('aclDestroyDataBuffer', buffer));
  });
  const created = acl.existing('aclmdlCreateDataset', acl.plain.aclmdlCreateDataset());
  stack.add(created, () => acl.attempt('aclmdlDestroyDataset', created));
  for (const buffer of dataBuffers) acl.call('aclmdlAddDatasetBuffer', created, buffer);
  return created;
}
