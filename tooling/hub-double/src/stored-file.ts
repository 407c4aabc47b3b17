import { createHash } from 'node:crypto';
import { setImmediate as eventLoopTurn } from 'node:timers/promises';
import { type Content, openContent } from './content.js';
import type { HubDoubleFile } from './options.js';

/** A file of a repository as the hub keeps it: in Git, or in large file storage with a pointer in Git. */
export interface StoredFile {
  readonly path: string;
  readonly content: Content;
  readonly lfs: boolean;
  /** SHA-256 of the bytes. Computed when first asked for, and once. */
  sha256(): Promise<string>;
  /** Git's id of what Git keeps: the bytes, or for large files the pointer. */
  gitBlob(): Promise<string>;
  /** Length of the pointer in Git. */
  pointerBytes(): Promise<number>;
  /** What Python's client calls the etag: SHA-256 for large files, Git's id for small ones. */
  etag(): Promise<string>;
}

/** From this size on, files go to large file storage whatever their name. */
const largeBytes = 1024 * 1024;

export async function storeFile(path: string, file: HubDoubleFile): Promise<StoredFile> {
  const content = await openContent(file);
  const wanted = typeof file === 'string' || file instanceof Uint8Array ? undefined : (file.lfs ?? undefined);
  const lfs = wanted ?? (path.endsWith('.safetensors') || content.bytes > largeBytes);
  const sha256 = once(() => digest('sha256', content));
  const pointer = once(async () =>
    Buffer.from(
      `version https://git-lfs.github.com/spec/v1\noid sha256:${await sha256()}\nsize ${content.bytes}\n`,
    ),
  );
  const gitBlob = once(async () => {
    if (!lfs) return digest('sha1', content, `blob ${content.bytes}\0`);
    const bytes = await pointer();
    return createHash('sha1').update(`blob ${bytes.length}\0`).update(bytes).digest('hex');
  });
  return {
    path,
    content,
    lfs,
    sha256,
    gitBlob,
    pointerBytes: async () => (await pointer()).length,
    etag: lfs ? sha256 : gitBlob,
  };
}

function once<T>(compute: () => Promise<T>): () => Promise<T> {
  let result: Promise<T> | undefined;
  return () => {
    result ??= compute();
    return result;
  };
}

async function digest(algorithm: string, content: Content, head = ''): Promise<string> {
  const hash = createHash(algorithm).update(head);
  for await (const piece of content.pieces(0, content.bytes)) {
    hash.update(piece);
    // Hashing gigabytes must not keep other requests waiting.
    await eventLoopTurn();
  }
  return hash.digest('hex');
}
