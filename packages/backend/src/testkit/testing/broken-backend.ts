import { expect } from 'vitest';
import type { Backend, BackendSession, Isolation, RunOptions, RunResult } from '../../contract.js';
import type { OutputName } from '../../outputs.js';
import type { PixelBatch, Tensor } from '../../tensor.js';
import { conformanceCases } from '../conformance-cases.js';
import type { ConformanceOptions } from '../conformance-options.js';
import { referenceBackend } from '../reference-backend.js';

export type Session = BackendSession;
/** A backend that is broken in one way. */
export interface Broken {
  /** What is broken. */
  readonly fault: string;
  /** The case that must find it. */
  readonly foundBy: string;
  readonly backend: () => Backend;
}

/** The correct backend with one method of its sessions replaced. */
export function withSession(
  change: (session: Session) => Partial<Session>,
  isolation: Isolation = 'thread',
): () => Backend {
  return withBackend((backend) => ({
    async open(model, options) {
      const session = await backend.open(model, { isolation, ...options });
      return {
        device: session.device,
        batchSizes: session.batchSizes,
        maxInFlight: session.maxInFlight,
        closed: session.closed,
        run: (input, runOptions) => session.run(input, runOptions),
        close: () => session.close(),
        ...change(session),
      };
    },
  }));
}

export function withBackend(change: (backend: Backend) => Partial<Backend>): () => Backend {
  return () => {
    const backend = referenceBackend();
    return { ...backend, ...change(backend) };
  };
}

/** The correct backend whose results are changed on their way to the caller. */
export function withResult(change: (result: RunResult, input: PixelBatch, options: RunOptions) => RunResult) {
  return withSession((session) => ({
    run: async (input, options = {}) => change(await session.run(input, options), input, options),
  }));
}

export function mapTensors(
  { tensors }: RunResult,
  map: (tensor: Tensor, output: OutputName) => Tensor,
): RunResult {
  return {
    tensors: Object.fromEntries(
      (Object.entries(tensors) as [OutputName, Tensor][]).map(([output, tensor]) => [
        output,
        map(tensor, output),
      ]),
    ),
  };
}

export function rows({ data, dims: [batch = 1] }: Tensor): Float32Array[] {
  const length = data.length / batch;
  return Array.from({ length: batch }, (_, row) => data.subarray(row * length, (row + 1) * length));
}

export function join(parts: readonly Float32Array[]): Float32Array {
  return Float32Array.from(parts.flatMap((part) => [...part]));
}

/** Long enough for whatever happens; several faults are that something never does. */
export const impatient = { patienceMilliseconds: 2000 };

/** Fails unless the case that is to find the fault does. */
export async function expectFound(
  { backend, foundBy }: Broken,
  options: ConformanceOptions = {},
  message?: RegExp,
): Promise<void> {
  const found = conformanceCases(backend, { ...impatient, ...options }).find(({ name }) => name === foundBy);
  expect(found, `a case named '${foundBy}'`).toBeDefined();
  await expect(found?.run()).rejects.toThrow(message);
}
