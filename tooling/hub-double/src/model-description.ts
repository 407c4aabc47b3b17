import { createHash } from 'node:crypto';
import type { HubDoubleRepository } from './options.js';
import type { StoredCommit } from './repository-store.js';

/** What `/api/models/{id}` says of a repository at a commit; with hashes and sizes of its files where `blobs`. */
export async function modelDescription(
  { id, license, gated, private: isPrivate = false }: HubDoubleRepository,
  stored: StoredCommit,
  blobs: boolean,
) {
  const date = '2025-04-24T00:00:00.000Z';
  const siblings = [...stored.files.values()].map(async (file) => ({
    rfilename: file.path,
    ...(blobs
      ? {
          size: file.content.bytes,
          blobId: await file.gitBlob(),
          ...(file.lfs
            ? {
                lfs: {
                  sha256: await file.sha256(),
                  size: file.content.bytes,
                  pointerSize: await file.pointerBytes(),
                },
              }
            : {}),
        }
      : {}),
  }));
  return {
    _id: createHash('sha1').update(id).digest('hex').slice(0, 24),
    id,
    modelId: id,
    author: id.includes('/') ? id.slice(0, id.indexOf('/')) : undefined,
    sha: stored.commit,
    lastModified: date,
    createdAt: date,
    private: isPrivate,
    gated: gated ?? false,
    disabled: false,
    downloads: 0,
    likes: 0,
    tags: license === undefined ? [] : [`license:${license}`],
    cardData: license === undefined ? {} : { license },
    siblings: await Promise.all(siblings),
  };
}
