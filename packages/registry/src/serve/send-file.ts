import { type FileHandle, open } from 'node:fs/promises';
import type { IncomingMessage, OutgoingHttpHeaders, ServerResponse } from 'node:http';
import { pipeline } from 'node:stream/promises';
import type { HubHash } from '../hub/hub-file.js';
import { allowsRange, matchesTag } from './entity-tag.js';
import type { OfferedFile } from './offered-files.js';
import { RequestRefusal } from './request-refusal.js';
import { parseRange, type RequestedRange } from './requested-range.js';

const chunkBytes = 512 * 1024;

interface FileAnswer {
  readonly file: OfferedFile;
  readonly hash: HubHash;
  readonly commit: string;
  /** Aborts when the connection is closed. */
  readonly gone: AbortSignal;
}

/**
 * Answers with a file, a part of it, its headers alone (HEAD), or 304. Resolves with the body bytes that were handed to
 * the connection, also when the client went away; the file is closed by then.
 *
 * @throws RequestRefusal 416 for a range that the file does not have.
 */
export async function sendFile(
  request: IncomingMessage,
  response: ServerResponse,
  { file, hash, commit, gone }: FileAnswer,
): Promise<number> {
  const tag = `"${hash.digest}"`;
  const headers = fileHeaders(file, hash, commit);
  if (matchesTag(request.headers['if-none-match'], tag)) {
    response.writeHead(304, headers).end();
    return 0;
  }
  const isHead = request.method === 'HEAD';
  const range =
    !isHead && allowsRange(request.headers['if-range']?.toString(), tag)
      ? parseRange(request.headers.range, file.bytes)
      : undefined;
  if (range === 'unsatisfiable') {
    throw new RequestRefusal(416, `The file has ${file.bytes} bytes: the range asked for lies outside`, {
      headers: { 'Content-Range': `bytes */${file.bytes}`, 'Accept-Ranges': 'bytes' },
    });
  }
  const { start, end } = range ?? { start: 0, end: file.bytes };
  const status = range === undefined ? 200 : 206;
  const lengthHeaders = {
    'Content-Length': end - start,
    ...(range && { 'Content-Range': `bytes ${start}-${end - 1}/${file.bytes}` }),
  };
  if (isHead || start === end) {
    response.writeHead(status, { ...headers, ...lengthHeaders }).end();
    return 0;
  }
  const handle = await open(file.realPath, 'r');
  response.writeHead(status, { ...headers, ...lengthHeaders });
  return sendBytes(handle, { start, end }, response, gone);
}

function fileHeaders(
  { bytes }: OfferedFile,
  { algorithm, digest }: HubHash,
  commit: string,
): OutgoingHttpHeaders {
  return {
    ETag: `"${digest}"`,
    ...(algorithm === 'sha256' && { 'X-Linked-Etag': `"${digest}"`, 'X-Linked-Size': bytes }),
    'X-Repo-Commit': commit,
    'Accept-Ranges': 'bytes',
    'Content-Type': 'application/octet-stream',
    'X-Content-Type-Options': 'nosniff',
  };
}

/** The stream waits for the reader, closes the file in every case, and holds two chunks at most. */
async function sendBytes(
  handle: FileHandle,
  { start, end }: RequestedRange,
  response: ServerResponse,
  gone: AbortSignal,
): Promise<number> {
  const content = handle.createReadStream({ start, end: end - 1, highWaterMark: chunkBytes });
  try {
    await pipeline(content, response, { end: false, signal: gone });
    // A file that became shorter meanwhile: breaking off is the one way to tell the client.
    if (content.bytesRead === end - start) response.end();
    else response.destroy();
  } catch {
    // The client went away, or the disk failed after the headers were sent.
    response.destroy();
  }
  return content.bytesRead;
}
