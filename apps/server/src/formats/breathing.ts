import { setImmediate as breathe } from 'node:timers/promises';

const charactersInATurn = 256 * 1024;

/** Large answers are made piece by piece, so that other requests are not held up. */
export async function* breathing(pieces: Iterable<string>): AsyncGenerator<string, void, undefined> {
  let length = 0;
  for (const piece of pieces) {
    yield piece;
    length += piece.length;
    if (length < charactersInATurn) continue;
    length = 0;
    await breathe();
  }
}
