import { setImmediate } from 'node:timers/promises';

/** Bytes that are copied before other work gets a turn: well under a millisecond. */
const sliceBytes = 2 * 1024 * 1024;

/** Lets timers, input and output have their turn. */
export async function breathe(): Promise<void> {
  await setImmediate();
}

/** Memory of its own, which can be handed to another thread. Not zeroed: that would take a millisecond for 10 MB. */
export function allocate(length: number): Uint8Array<ArrayBuffer> {
  return new Uint8Array(Buffer.allocUnsafeSlow(length).buffer);
}

/** Copies bytes into a buffer of their own, a slice at a time, so that the event loop is never held up for long. */
export async function copyInSlices(bytes: Uint8Array | Uint8ClampedArray): Promise<Uint8Array<ArrayBuffer>> {
  const copy = allocate(bytes.length);
  for (let from = 0; from < bytes.length; from += sliceBytes) {
    if (from > 0) await breathe();
    copy.set(bytes.subarray(from, from + sliceBytes), from);
  }
  return copy;
}
