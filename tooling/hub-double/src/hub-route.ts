/** What a path of the hub asks for. */
export interface HubRoute {
  /** Under `/api`. */
  readonly api: boolean;
  readonly id: string;
  /** `resolve`, `revision`, `tree`, `paths-info` or another; undefined for the repository itself. */
  readonly action: string | undefined;
  readonly revision: string;
  /** Path inside the repository; empty for none. */
  readonly path: string;
}

const actions = new Set(['revision', 'tree', 'paths-info', 'xet-read-token', 'resolve']);

/**
 * Takes apart `/{id}/resolve/{revision}/{path}`, `/api/models/{id}/{action}/{revision}/{path}` and
 * `/api/resolve-cache/models/{id}/{commit}/{path}`. A name has one part or two; a revision is one part, its slashes
 * encoded. Undefined for every other path.
 */
export function parseHubRoute(rawPath: string): HubRoute | undefined {
  const parts = decodeParts(rawPath);
  if (parts === undefined) return undefined;
  const [first, second, third] = parts;
  if (first === 'api' && second === 'resolve-cache' && third === 'models') {
    const [owner, name, commit = '', ...path] = parts.slice(3);
    return { api: true, id: `${owner}/${name}`, action: 'resolve', revision: commit, path: path.join('/') };
  }
  const api = first === 'api' && second === 'models';
  const rest = api ? parts.slice(2) : parts;
  const at = rest.findIndex((part, index) => index > 0 && index < 3 && actions.has(part));
  if (at === -1) return api ? repositoryRoute(rest) : undefined;
  const [action = '', revision = 'main', ...path] = rest.slice(at);
  if (!api && action !== 'resolve') return undefined;
  return { api, id: rest.slice(0, at).join('/'), action, revision, path: path.join('/') };
}

function repositoryRoute(parts: readonly string[]): HubRoute | undefined {
  if (parts.length === 0 || parts.length > 2) return undefined;
  return { api: true, id: parts.join('/'), action: undefined, revision: 'main', path: '' };
}

function decodeParts(rawPath: string): string[] | undefined {
  try {
    return rawPath.slice(1).split('/').map(decodeURIComponent);
  } catch {
    return undefined;
  }
}
