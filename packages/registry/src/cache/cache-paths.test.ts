import { isAbsolute, relative, resolve, win32 } from 'node:path';
import { WebsslError } from '@webssl/backend';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  blobFile,
  lockFile,
  referenceFile,
  repositoryFolder,
  snapshotFile,
  snapshotFolder,
} from './cache-paths.js';

const cache = '/some/cache';
const id = 'some-org/some.model';
const repository = { cache, id };
const commit = '0123456789abcdef0123456789abcdef01234567';
const digest = 'a'.repeat(64);

describe('the paths of a cache', () => {
  it('are those of the Python client', () => {
    expect(repositoryFolder(repository)).toBe('/some/cache/models--some-org--some.model');
    expect(repositoryFolder({ cache, id: 'gpt2' })).toBe('/some/cache/models--gpt2');
    expect(blobFile(repository, digest)).toBe(`/some/cache/models--some-org--some.model/blobs/${digest}`);
    expect(blobFile(repository, commit)).toBe(`/some/cache/models--some-org--some.model/blobs/${commit}`);
    expect(snapshotFile(repository, commit, 'a/b.json')).toBe(
      `/some/cache/models--some-org--some.model/snapshots/${commit}/a/b.json`,
    );
    expect(referenceFile(repository, 'refs/pr/1')).toBe(
      '/some/cache/models--some-org--some.model/refs/refs/pr/1',
    );
    expect(lockFile(repository, digest)).toBe(
      `/some/cache/.locks/models--some-org--some.model/${digest}.lock`,
    );
  });

  it.each<[string, () => string]>([
    ['commit', () => snapshotFolder(repository, 'main')],
    ['commit', () => snapshotFolder(repository, commit.toUpperCase())],
    ['commit', () => snapshotFolder(repository, `${commit}\n`)],
    ['digest', () => blobFile(repository, `../${digest}`)],
    ['digest', () => lockFile(repository, '')],
    ['digest', () => blobFile(repository, digest.slice(1))],
    ['repository id', () => repositoryFolder({ cache, id: '../x' })],
    ['repository id', () => repositoryFolder({ cache, id: 'a/b/c' })],
    ['revision', () => referenceFile(repository, '../main')],
    ['path', () => snapshotFile(repository, commit, '')],
  ])('refuse a bad %s', (part, make) => {
    expect(make).toThrow(
      expect.objectContaining({ code: 'CACHE_PATH_INVALID', details: expect.objectContaining({ part }) }),
    );
  });

  it.each([
    ['parent', '../x'],
    ['parent within', 'a/../../x'],
    ['itself', '.'],
    ['absolute', '/etc/passwd'],
    ['empty segment', 'a//b'],
    ['drive', 'C:\\x'],
    ['drive without a separator', 'C:x'],
    ['stream', 'config.json:hidden'],
    ['UNC', '\\\\host\\share'],
    ['UNC with slashes', '//host/share'],
    ['backslash', 'a\\..\\..\\x'],
    ['null character', 'a\0b'],
    ['line feed', 'a\nb'],
    ['delete character', 'a\x7fb'],
    ['device', 'a/NUL'],
    ['device with an extension', 'con.json'],
    ['device with a superscript', 'COM¹'],
    ['final dot', 'a./b'],
    ['dots and a space', '.. /x'],
    ['wildcard', 'a*'],
  ])('refuse a path that is %s', (_, path) => {
    expect(() => snapshotFile(repository, commit, path)).toThrow(/cannot be the path/);
  });

  it.each([
    'config.json',
    'a/b/c.json',
    '.gitattributes',
    'naïve ☃.txt',
    'a b',
    'console.log',
    '...a',
    'com10',
  ])('accept the path %s', (path) => {
    expect(snapshotFile(repository, commit, path)).toMatch(new RegExp(`/${commit}/`));
  });

  it('never lead out of the cache, on no platform', () => {
    const nasty = fc.constantFrom(
      '..',
      '.',
      '/',
      '\\',
      ':',
      'C:',
      '\0',
      ' ',
      'nul',
      '--',
      'a',
      '~',
      '$HOME',
      '%',
      '%2e%2e',
    );
    const text = fc.oneof(
      fc.array(nasty, { maxLength: 8 }).map((parts) => parts.join('')),
      fc.array(nasty, { maxLength: 8 }).map((parts) => parts.join('/')),
      fc.string({ unit: 'binary' }),
    );
    const make = fc.oneof(
      text.map((part) => () => repositoryFolder({ cache, id: part })),
      text.map((part) => () => blobFile(repository, part)),
      text.map((part) => () => lockFile(repository, part)),
      text.map((part) => () => snapshotFolder(repository, part)),
      text.map((part) => () => snapshotFile(repository, commit, part)),
      text.map((part) => () => referenceFile(repository, part)),
    );
    fc.assert(
      fc.property(make, (path) => {
        let made = '';
        try {
          made = path();
        } catch (error) {
          return WebsslError.isInstance(error, 'CACHE_PATH_INVALID');
        }
        const inside = relative(cache, resolve(made));
        const insideOnWindows = win32.relative(
          'C:\\cache',
          win32.resolve('C:\\cache', made.slice(cache.length + 1)),
        );
        return [inside, insideOnWindows].every(
          (rest) =>
            rest !== '' && !/^\.\.(?:[\\/]|$)/.test(rest) && !isAbsolute(rest) && !win32.isAbsolute(rest),
        );
      }),
      { numRuns: 3000 },
    );
  });
});
