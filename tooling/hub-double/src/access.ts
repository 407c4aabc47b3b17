import type { Answer } from './answer.js';
import { hubError } from './hub-error.js';
import type { StoredRepository } from './repository-store.js';

export interface AccessQuestion {
  readonly repository: StoredRepository | undefined;
  readonly id: string;
  /** The `Authorization` header. */
  readonly authorization: string | undefined;
  readonly knownTokens: readonly string[] | undefined;
  /** Files of gated repositories need a token; their listings do not. */
  readonly wantsFile: boolean;
  readonly api: boolean;
}

/**
 * The repository, or the hub's refusal. A repository that may not be seen is answered as one that does not exist: 401
 * to who has no token, 404 to who has one.
 */
export function grantAccess({
  repository,
  id,
  authorization,
  knownTokens,
  wantsFile,
  api,
}: AccessQuestion): StoredRepository | Answer {
  const token = authorization === undefined ? undefined : /^Bearer (.+)$/i.exec(authorization)?.[1];
  const isKnown = token !== undefined && (knownTokens === undefined || knownTokens.includes(token));
  if (authorization !== undefined && !isKnown)
    return hubError(401, undefined, 'Invalid credentials in Authorization header', { api });

  const { private: isPrivate = false, gated, readers } = repository?.description ?? {};
  const mayRead = token !== undefined && (readers === undefined || readers.includes(token));
  if (repository === undefined || (isPrivate && !mayRead))
    return token === undefined
      ? hubError(401, 'RepoNotFound', 'Invalid username or password.', { api })
      : hubError(404, 'RepoNotFound', 'Repository not found', { api });
  if (gated !== undefined && wantsFile && !mayRead)
    return token === undefined
      ? hubError(
          401,
          'GatedRepo',
          `Access to model ${id} is restricted. You must be authenticated to access it.`,
        )
      : hubError(
          403,
          'GatedRepo',
          `Access to model ${id} is restricted and you are not in the authorized list. Ask for access at its page.`,
        );
  return repository;
}
