/** The address of a file of a repository. */
export function fileAddress(endpoint: string, id: string, revision: string, path: string): URL {
  return new URL(`${endpoint}/${escapePath(id)}/resolve/${encodeURIComponent(revision)}/${escapePath(path)}`);
}

/** The address of what the hub's API tells about a revision, or of its list of files. */
export function apiAddress(
  endpoint: string,
  id: string,
  subject: 'revision' | 'tree',
  revision: string,
): URL {
  return new URL(`${endpoint}/api/models/${escapePath(id)}/${subject}/${encodeURIComponent(revision)}`);
}

function escapePath(path: string): string {
  return path.split('/').map(encodeURIComponent).join('/');
}
