import { expect, it } from 'vitest';
import { loadedPath } from './loaded-path.js';

const maps = `55d0c0a00000-55d0c0a01000 r--p 00000000 08:01 123 /usr/bin/node
7f1c00000000-7f1c00021000 rw-p 00000000 00:00 0
7f1c10000000-7f1c10010000 r-xp 00000000 08:01 456 /opt/Ascend 8/lib64/libascendcl.so
7ffd00000000-7ffd00001000 r-xp 00000000 00:00 0 [vdso]`;

it('is where the system has loaded it from', () => {
  expect(loadedPath('libascendcl.so', maps)).toBe('/opt/Ascend 8/lib64/libascendcl.so');
});

it.each(['/somewhere/libascendcl.so', 'libacl_rt.so'])('is %s where that is all that is known', (file) => {
  expect(loadedPath(file, maps)).toBe(file);
});

it('knows the program that runs', () => {
  expect(loadedPath('node')).toMatch(process.platform === 'linux' ? /^\/.*\/node$/ : /^node$/);
});
