import type { IncomingHttpHeaders } from 'node:http';
import { type Answer, redirectAnswer } from './answer.js';
import { fileAnswer } from './file-answer.js';
import { hubError } from './hub-error.js';
import type { HubState } from './hub-state.js';
import type { StoredRepository } from './repository-store.js';
import { xetHash, xetHeaders } from './xet.js';

export interface ResolveQuestion {
  readonly repository: StoredRepository;
  readonly revision: string;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  /** Origin of the hub as the client sees it. */
  readonly origin: string;
  /** The request came to the address that small files are redirected to. */
  readonly isCacheAddress: boolean;
}

/** One file at one revision: small ones as they are, large ones as a redirect to a signed address. */
export async function resolveAnswer(
  { repository, revision, path, headers, origin, isCacheAddress }: ResolveQuestion,
  { options, urls, cdn }: HubState,
): Promise<Answer> {
  const { id } = repository.description;
  const stored = repository.resolve(revision);
  if (stored === undefined) return hubError(404, 'RevisionNotFound', `Invalid rev id: ${revision}`);
  const common = {
    'X-Repo-Commit': stored.commit,
    'Access-Control-Expose-Headers':
      'X-Repo-Commit,X-Request-Id,X-Error-Code,X-Error-Message,ETag,Link,Accept-Ranges,Content-Range,X-Linked-Size,X-Linked-ETag,X-Xet-Hash',
  };
  const file = stored.files.get(path);
  if (file === undefined) return hubError(404, 'EntryNotFound', 'Entry not found', { headers: common });

  const etag = `"${await file.etag()}"`;
  const linked = { 'X-Linked-Size': String(file.content.bytes), 'X-Linked-Etag': etag };
  if (!file.lfs) {
    const isElsewhere = options.smallFiles === 'resolve-cache' && !isCacheAddress;
    const place = `/api/resolve-cache/models/${id}/${stored.commit}/${encodePath(path)}?etag=${encodeURIComponent(etag)}`;
    return isElsewhere
      ? redirectAnswer(307, place, { ...common, ...linked })
      : fileAnswer(file.content, headers, { ...common, ETag: etag });
  }
  if (options.mirror?.withoutCdn === true)
    return fileAnswer(file.content, headers, { ...common, ...linked, ETag: etag });
  return redirectAnswer(302, await urls.sign(file, cdn), {
    ...common,
    ...linked,
    'Accept-Ranges': 'bytes',
    ...(options.xet === true ? xetHeaders(origin, id, stored.commit, xetHash(await file.sha256())) : {}),
  });
}

function encodePath(path: string): string {
  return path.split('/').map(encodeURIComponent).join('/');
}
