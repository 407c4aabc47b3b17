import { expect, it } from 'vitest';
import { expandPath } from './expand-path.js';

const braced = (name: string) => `$\{${name}}`;

// What os.path.expandvars(os.path.expanduser(path)) gives under HOME=/home/me, DISK=/disk.
it.each([
  ['~', '/home/me'],
  ['~/models', '/home/me/models'],
  ['/a/~/b', '/a/~/b'],
  ['~me/models', '~me/models'],
  ['$DISK/a', '/disk/a'],
  [`/x/${braced('DISK')}`, '/x//disk'],
  [`$NOTHING/${braced('NOT')}`, `$NOTHING/${braced('NOT')}`],
  ['', ''],
])('%s becomes %s', (path, expected) => {
  expect(expandPath(path, { HOME: '/home/me', DISK: '/disk' })).toBe(expected);
});
