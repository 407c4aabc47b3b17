import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { generatedPieces, pieceBytes } from './generated-bytes.js';
import type { HubDoubleFile } from './options.js';

/** The bytes of a file, wherever they come from. */
export interface Content {
  readonly bytes: number;
  /** From `start` to before `end`. The pieces may share memory: never write into them. */
  pieces(start: number, end: number): Iterable<Buffer> | AsyncIterable<Buffer>;
}

export function memoryContent(contents: string | Uint8Array): Content {
  const buffer = typeof contents === 'string' ? Buffer.from(contents) : Buffer.from(contents);
  return {
    bytes: buffer.length,
    *pieces(start, end) {
      for (let offset = start; offset < end; offset += pieceBytes)
        yield buffer.subarray(offset, Math.min(end, offset + pieceBytes));
    },
  };
}

function diskContent(file: string, bytes: number): Content {
  return {
    bytes,
    pieces: (start, end) =>
      start === end ? [] : createReadStream(file, { start, end: end - 1, highWaterMark: pieceBytes }),
  };
}

/** @throws Error where a file on disk is not there. */
export async function openContent(file: HubDoubleFile): Promise<Content> {
  if (typeof file === 'string' || file instanceof Uint8Array) return memoryContent(file);
  if ('contents' in file) return memoryContent(file.contents);
  if ('file' in file) return diskContent(file.file, (await stat(file.file)).size);
  const { bytes, seed = 0 } = file;
  return { bytes, pieces: (start, end) => generatedPieces(seed, start, end) };
}
