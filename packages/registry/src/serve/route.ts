import { RequestRefusal } from './request-refusal.js';

/** What a request's address asks for. */
export type Route =
  | { readonly kind: 'index' }
  | { readonly kind: 'models'; readonly search: string }
  | { readonly kind: 'model'; readonly id: string; readonly revision: string; readonly details: boolean }
  | {
      readonly kind: 'tree';
      readonly id: string;
      readonly revision: string;
      /** Folder inside the repository; empty for all of it. */
      readonly path: string;
      readonly recursive: boolean;
    }
  | { readonly kind: 'paths-info'; readonly id: string; readonly revision: string }
  | { readonly kind: 'file'; readonly id: string; readonly revision: string; readonly path: string };

/**
 * Understands a request target. Segments are split before they are decoded, because clients write a revision with
 * slashes as one segment (`refs%2Fpr%2F1`). Nothing here judges names: they are looked up in listings later.
 *
 * @throws RequestRefusal 400 for a malformed target, 404 for an address that this endpoint does not have.
 */
export function parseRoute(target: string): Route {
  if (!target.startsWith('/')) throw new RequestRefusal(400, 'The request target is not a path');
  const mark = target.indexOf('?');
  const query = new URLSearchParams(mark < 0 ? '' : target.slice(mark));
  const segments = (mark < 0 ? target : target.slice(0, mark)).slice(1).split('/').map(decode);
  const route =
    segments[0] === 'api' && segments[1] === 'models'
      ? parseInterface(segments.slice(2), query)
      : parsePage(segments);
  if (route === undefined)
    throw new RequestRefusal(404, 'This endpoint offers models only, and has no such address');
  return route;
}

function parsePage(segments: readonly string[]): Route | undefined {
  if (segments.length === 1 && segments[0] === '') return { kind: 'index' };
  const split = splitId(segments, ['resolve']);
  const [revision, ...path] = split?.rest ?? [];
  if (split === undefined || revision === undefined || path.length === 0) return undefined;
  return { kind: 'file', id: split.id, revision, path: path.join('/') };
}

function parseInterface(segments: readonly string[], query: URLSearchParams): Route | undefined {
  if (segments.length === 0) return { kind: 'models', search: query.get('search') ?? '' };
  const details = isTrue(query.get('blobs'));
  const split = splitId(segments, ['revision', 'tree', 'paths-info']);
  if (split === undefined) {
    return segments.length > 2
      ? undefined
      : { kind: 'model', id: segments.join('/'), revision: 'main', details };
  }
  const {
    id,
    action,
    rest: [revision, ...path],
  } = split;
  if (revision === undefined) return undefined;
  if (action === 'tree') {
    return { kind: 'tree', id, revision, path: path.join('/'), recursive: isTrue(query.get('recursive')) };
  }
  if (path.length > 0) return undefined;
  return action === 'revision'
    ? { kind: 'model', id, revision, details }
    : { kind: 'paths-info', id, revision };
}

/** An id has two segments, or one (the hub's oldest models); the word after it says what is asked. */
function splitId(
  segments: readonly string[],
  actions: readonly string[],
): { id: string; action: string; rest: readonly string[] } | undefined {
  for (const length of [2, 1]) {
    const action = segments[length];
    if (action !== undefined && actions.includes(action)) {
      return { id: segments.slice(0, length).join('/'), action, rest: segments.slice(length + 1) };
    }
  }
  return undefined;
}

function decode(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    throw new RequestRefusal(400, 'The address has a malformed percent-encoding');
  }
}

/** Python's older clients write `True`. */
function isTrue(value: string | null): boolean {
  return value !== null && /^(true|1)$/i.test(value);
}
