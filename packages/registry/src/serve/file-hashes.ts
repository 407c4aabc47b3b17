import { hashContent } from '../cache/hash-content.js';
import type { HubHash } from '../hub/hub-file.js';
import type { OfferedFile } from './offered-files.js';

/** Files above this go to large-file storage on the hub, whatever their kind. */
const largestGitFileBytes = 10 * 1024 * 1024;

interface KnownHash {
  readonly bytes: number;
  readonly modified: number;
  readonly hash: Promise<HubHash>;
}

/**
 * The hashes of offered files: what a blob's name says, else computed, once for each length and time of change. Requests
 * that come meanwhile wait for the same computation.
 */
export class FileHashes {
  readonly #known = new Map<string, KnownHash>();

  /** As the hub does: SHA-256 for safetensors files and files above 10 MiB, Git's blob id for others. */
  async hashOf(file: OfferedFile): Promise<HubHash> {
    if (file.namedHash !== undefined) return file.namedHash;
    const { realPath, bytes, modified } = file;
    const known = this.#known.get(realPath);
    if (known?.bytes === bytes && known.modified === modified) return known.hash;
    const hash = computeHash(file);
    this.#known.set(realPath, { bytes, modified, hash });
    try {
      return await hash;
    } catch (error) {
      this.#known.delete(realPath);
      throw error;
    }
  }
}

async function computeHash({ path, realPath, bytes }: OfferedFile): Promise<HubHash> {
  const large = path.endsWith('.safetensors') || bytes > largestGitFileBytes;
  const algorithm = large ? 'sha256' : 'git-sha1';
  return { algorithm, digest: await hashContent(realPath, algorithm) };
}
