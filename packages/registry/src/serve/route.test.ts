import { describe, expect, it } from 'vitest';
import { RequestRefusal } from './request-refusal.js';
import { parseRoute } from './route.js';

describe('parseRoute', () => {
  it.each([
    ['/', { kind: 'index' }],
    ['/?x=1', { kind: 'index' }],
    [
      '/org/name/resolve/main/config.json',
      { kind: 'file', id: 'org/name', revision: 'main', path: 'config.json' },
    ],
    ['/name/resolve/v1/a/b.txt?download=true', { kind: 'file', id: 'name', revision: 'v1', path: 'a/b.txt' }],
    [
      '/org/name/resolve/refs%2Fpr%2F1/a%20b',
      { kind: 'file', id: 'org/name', revision: 'refs/pr/1', path: 'a b' },
    ],
    ['/org/resolve/resolve/main/x', { kind: 'file', id: 'org/resolve', revision: 'main', path: 'x' }],
    ['/api/models', { kind: 'models', search: '' }],
    ['/api/models?search=web', { kind: 'models', search: 'web' }],
    ['/api/models/org/name', { kind: 'model', id: 'org/name', revision: 'main', details: false }],
    ['/api/models/name', { kind: 'model', id: 'name', revision: 'main', details: false }],
    [
      '/api/models/org/name/revision/v1?blobs=True',
      { kind: 'model', id: 'org/name', revision: 'v1', details: true },
    ],
    [
      '/api/models/org/name/tree/main?recursive=true&expand=false',
      { kind: 'tree', id: 'org/name', revision: 'main', path: '', recursive: true },
    ],
    [
      '/api/models/name/tree/main/a%2Fb',
      { kind: 'tree', id: 'name', revision: 'main', path: 'a/b', recursive: false },
    ],
    ['/api/models/org/name/paths-info/main', { kind: 'paths-info', id: 'org/name', revision: 'main' }],
  ])('understands %s', (target, route) => {
    expect(parseRoute(target)).toEqual(route);
  });

  it.each([
    '/api/whoami-v2',
    '/api/models/org/name/xet-read-token/main',
    '/api/models/org/name/revision',
    '/api/models/org/name/revision/main/more',
    '/api/datasets/org/name',
    '/datasets/org/name/resolve/main/x',
    '/org/name/resolve/main',
    '/org/name',
    '/favicon.ico',
  ])('has no %s', (target) => {
    expect(refusalOf(target)).toBe(404);
  });

  it.each(['', 'http://elsewhere/', '*', '/%', '/%zz/x', '/a/%ff/resolve/main/x'])(
    'calls %j malformed',
    (target) => {
      expect(refusalOf(target)).toBe(400);
    },
  );
});

function refusalOf(target: string): number | undefined {
  try {
    parseRoute(target);
    return undefined;
  } catch (error) {
    return error instanceof RequestRefusal ? error.status : undefined;
  }
}
