import type { IncomingMessage } from 'node:http';
import { text } from 'node:stream/consumers';
import { type Answer, jsonAnswer } from './answer.js';
import { hubError } from './hub-error.js';
import { modelDescription } from './model-description.js';
import type { HubDoubleOptions } from './options.js';
import type { StoredCommit, StoredRepository } from './repository-store.js';
import { hasFolder, pathEntries, treeEntries } from './tree-entries.js';

export interface ApiQuestion {
  readonly repository: StoredRepository;
  /** What follows the repository's name: none, or `revision`, `tree` or `paths-info`, a revision and a path. */
  readonly action: string | undefined;
  readonly revision: string;
  readonly path: string;
  readonly request: IncomingMessage;
  readonly query: URLSearchParams;
  /** Origin of the hub as the client sees it. */
  readonly origin: string;
}

/** `/api/models/{id}` and what lies below it. */
export async function apiAnswer(question: ApiQuestion, options: HubDoubleOptions): Promise<Answer> {
  const { repository, action, revision, path, request, query } = question;
  const stored = repository.resolve(revision);
  if (stored === undefined)
    return hubError(404, 'RevisionNotFound', `Invalid rev id: ${revision}`, { api: true });
  if (action === undefined || action === 'revision')
    return jsonAnswer(await modelDescription(repository.description, stored, query.get('blobs') !== null));
  if (action === 'tree') return treeAnswer(question, stored, path, options);
  if (action === 'paths-info' && request.method === 'POST')
    return pathsAnswer(request, stored, options.xet ?? false);
  return hubError(404, undefined, "Sorry, we can't find the page you are looking for.", { api: true });
}

async function treeAnswer(
  { request, query, origin }: ApiQuestion,
  stored: StoredCommit,
  folder: string,
  options: HubDoubleOptions,
): Promise<Answer> {
  if (!hasFolder(stored, folder))
    return hubError(404, 'EntryNotFound', `${folder} does not exist on the revision`, { api: true });
  const expand = isTrue(query.get('expand'));
  const entries = await treeEntries(stored, folder, isTrue(query.get('recursive')), {
    expand,
    xet: options.xet ?? false,
  });
  const pageSize = options.pageSize ?? (expand ? 100 : 1000);
  const start = Number(query.get('cursor') ?? 0);
  const isLast = start + pageSize >= entries.length;
  const next = new URLSearchParams(query);
  next.set('cursor', String(start + pageSize));
  const [path = ''] = (request.url ?? '').split('?');
  return jsonAnswer(
    entries.slice(start, start + pageSize),
    isLast ? {} : { Link: `<${origin}${path}?${next}>; rel="next"` },
  );
}

/** The paths come as a form (Python's client) or as JSON (the JavaScript one). */
async function pathsAnswer(request: IncomingMessage, stored: StoredCommit, xet: boolean): Promise<Answer> {
  const body = await text(request);
  const isForm = request.headers['content-type']?.startsWith('application/x-www-form-urlencoded');
  const form = new URLSearchParams(body);
  const asked: unknown = isForm
    ? { paths: form.getAll('paths'), expand: form.get('expand') }
    : parseOrUndefined(body);
  const { paths, expand } = (asked ?? {}) as { paths?: unknown; expand?: unknown };
  if (!Array.isArray(paths) || !paths.every((path) => typeof path === 'string'))
    return hubError(400, undefined, '"paths" is required', { api: true });
  return jsonAnswer(await pathEntries(stored, paths, { expand: isTrue(String(expand)), xet }));
}

function parseOrUndefined(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}

function isTrue(value: string | null): boolean {
  return value !== null && /^(1|true)$/i.test(value);
}
