import { createHash } from 'node:crypto';
import { chmod, mkdir, mkdtemp, realpath, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { WebsslError } from '@webssl/backend';
import { afterEach, beforeEach } from 'vitest';
import type { HubFile } from '../../hub/hub-file.js';

export const id = 'some-org/some.model';
export const commit = '0123456789abcdef0123456789abcdef01234567';
export const otherCommit = '00112233445566778899aabbccddeeff00112233';

/** Content of a file of the samples; small files have Git's digest, `*.safetensors` SHA-256, as on the hub. */
export function hubFile(path: string, content: string): HubFile {
  const isLarge = path.endsWith('.safetensors');
  const bytes = Buffer.byteLength(content);
  const digest = isLarge
    ? createHash('sha256').update(content).digest('hex')
    : createHash('sha1').update(`blob ${bytes}\0${content}`).digest('hex');
  return { path, bytes, hash: { algorithm: isLarge ? 'sha256' : 'git-sha1', digest } };
}

/** An empty cache for each test, in a folder whose name people could have. */
export function sampleCache() {
  let parent = '';
  beforeEach(async () => {
    parent = await realpath(await mkdtemp(join(tmpdir(), 'webssl-cache-')));
    await chmod(parent, 0o755);
    await mkdir(join(parent, 'my cache'));
  });
  afterEach(() => rm(parent, { recursive: true }));

  const cache = () => join(parent, 'my cache');
  const repository = () => join(cache(), 'models--some-org--some.model');
  return {
    /** Folder around the cache. */
    parent: () => parent,
    path: cache,
    /** What the functions under test take. */
    place: () => ({ cache: cache(), id }),
    repository,
    blob: (file: HubFile) => join(repository(), 'blobs', file.hash.digest),
    lock: (file: HubFile) =>
      join(cache(), '.locks', 'models--some-org--some.model', `${file.hash.digest}.lock`),
    snapshot: (of = commit) => join(repository(), 'snapshots', of),

    /** Lays files into a snapshot as the Python client does: blobs, relative links, a branch. */
    async add(files: Readonly<Record<string, string>>, of = commit, branch?: string): Promise<void> {
      for (const [path, content] of Object.entries(files)) {
        const { digest } = hubFile(path, content).hash;
        const file = join(repository(), 'snapshots', of, path);
        await mkdir(join(repository(), 'blobs'), { recursive: true });
        await mkdir(dirname(file), { recursive: true });
        await writeFile(join(repository(), 'blobs', digest), content);
        await symlink(join(...path.split('/').map(() => '..'), '..', 'blobs', digest), file);
      }
      if (branch === undefined) return;
      await mkdir(dirname(join(repository(), 'refs', branch)), { recursive: true });
      await writeFile(join(repository(), 'refs', branch), of);
    },
  };
}

/** The error that a promise is rejected with. */
export async function failure(outcome: Promise<unknown>): Promise<WebsslError> {
  const reason = await outcome.catch((error: unknown) => error);
  if (WebsslError.isInstance(reason)) return reason;
  throw new Error('no WebsslError', { cause: reason });
}

const nobody = 65_534;

/** Does something with the rights of an ordinary user, as which nothing of root's can be written. */
export async function asOrdinaryUser<Value>(operation: () => Promise<Value>): Promise<Value> {
  if (process.geteuid?.() !== 0) return operation();
  process.seteuid?.(nobody);
  try {
    return await operation();
  } finally {
    process.seteuid?.(0);
  }
}
