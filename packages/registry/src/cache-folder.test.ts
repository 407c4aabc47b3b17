import { describe, expect, it } from 'vitest';
import { cacheFolder } from './cache-folder.js';

describe('cacheFolder', () => {
  it.each([
    [{ HOME: '/home/me' }, '/home/me/.cache/webssl'],
    [{ HOME: '/home/me', XDG_CACHE_HOME: '/x' }, '/x/webssl'],
    [{ HOME: '/home/me', XDG_CACHE_HOME: '/x', WEBSSL_CACHE: '/w' }, '/w'],
    [{ HOME: '/home/me', WEBSSL_CACHE: '' }, '/home/me/.cache/webssl'],
  ])('under %j', (environment, folder) => {
    expect(cacheFolder(environment)).toBe(folder);
  });
});
