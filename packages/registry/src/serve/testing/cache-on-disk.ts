import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, realpath, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';

/** A file of a repository, and how it lies in the cache. */
interface FileOnDisk {
  readonly content: string | Buffer;
  /**
   * `blob` (default): a link to a blob, named by Git's id; `large`: by SHA-256; `shared`: that blob is itself a link into
   * the store that all repositories share; `copy`: a real file, as on systems without links.
   */
  readonly kind?: 'blob' | 'large' | 'shared' | 'copy';
}

/** What {@link writeRepository} writes. */
interface RepositoryOnDisk {
  readonly id: string;
  readonly commit: string;
  readonly references?: readonly string[];
  readonly files: Readonly<Record<string, string | FileOnDisk>>;
}

/** An empty cache folder. */
export async function makeCache(): Promise<string> {
  return join(await realpath(await mkdtemp(join(tmpdir(), 'webssl-serve-'))), 'hub');
}

/** Writes a snapshot of a repository as the Python client lays it out. Gives the snapshot's folder. */
export async function writeRepository(
  cache: string,
  { id, commit, references = [], files }: RepositoryOnDisk,
): Promise<string> {
  const repository = join(cache, `models--${id.replace('/', '--')}`);
  const snapshot = join(repository, 'snapshots', commit);
  await mkdir(join(repository, 'blobs'), { recursive: true });
  await mkdir(snapshot, { recursive: true });
  for (const reference of references) await write(join(repository, 'refs', reference), commit);
  for (const [path, given] of Object.entries(files)) {
    const { content, kind = 'blob' } = typeof given === 'string' ? { content: given } : given;
    const place = join(snapshot, path);
    if (kind === 'copy') {
      await write(place, content);
      continue;
    }
    const blob = join(repository, 'blobs', kind === 'blob' ? gitBlobId(content) : sha256(content));
    if (kind === 'shared') {
      const xetHash = sha256(`another kind of hash of ${sha256(content)}`);
      const stored = join(cache, 'blobs', xetHash.slice(0, 2), xetHash);
      await write(stored, content);
      await link(blob, stored);
    } else {
      await write(blob, content);
    }
    await link(place, blob);
  }
  return snapshot;
}

/** Makes a relative link. */
export async function link(place: string, target: string): Promise<void> {
  await mkdir(dirname(place), { recursive: true });
  await symlink(relative(dirname(place), target), place);
}

export function sha256(content: string | Buffer): string {
  return createHash('sha256').update(content).digest('hex');
}

/** As `git hash-object` gives it. */
export function gitBlobId(content: string | Buffer): string {
  const bytes = Buffer.from(content);
  return createHash('sha1')
    .update(Buffer.concat([Buffer.from(`blob ${bytes.length}\0`), bytes]))
    .digest('hex');
}

async function write(path: string, content: string | Buffer): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, content);
}
