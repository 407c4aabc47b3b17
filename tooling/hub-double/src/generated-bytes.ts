import { randomNumbers } from './random-numbers.js';

/**
 * Length of the block that generated files repeat. A prime number, so that two ranges of the same length that start at
 * different multiples of a power of two never hold the same bytes: a client that mixes them up is caught.
 */
const period = 8_388_593;

/** Longest piece that is handed out at once. */
export const pieceBytes = 1024 * 1024;

let block: Buffer | undefined;

/** The block, and so much of it again that a piece may start anywhere. Made when it is first needed. */
function repeatedBlock(): Buffer {
  if (block !== undefined) return block;
  const words = new Uint32Array(Math.ceil((period + pieceBytes) / 4));
  const next = randomNumbers(0x5eed);
  for (let index = 0; index < words.length; index++) words[index] = next();
  block = Buffer.from(words.buffer, 0, period + pieceBytes);
  block.copyWithin(period, 0, pieceBytes);
  return block;
}

/** The bytes of a generated file from `start` to before `end`, in pieces that share memory: never write into them. */
export function* generatedPieces(seed: number, start: number, end: number): Generator<Buffer> {
  const bytes = repeatedBlock();
  const shift = randomNumbers(seed)();
  for (let offset = start; offset < end; offset += pieceBytes) {
    const place = (offset + shift) % period;
    yield bytes.subarray(place, place + Math.min(pieceBytes, end - offset));
  }
}

/** What a file `{ bytes, seed }` of the double holds from `start` to before `end`. */
export function generatedBytes(seed: number, start: number, end: number): Buffer {
  return Buffer.concat([...generatedPieces(seed, start, end)]);
}
