import { readdirSync, statSync } from 'node:fs';
import { readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { expect, it } from 'vitest';
import { scratchFolder } from '../testing/scratch-folder.js';
import { writePieces } from './write-pieces.js';

const scratch = scratchFolder();
const piece = `${'grün '.repeat(2000)}\n`;
const count = 1000;

it('has written most of it before the last piece is made, and gives the file its name at the end', async () => {
  const path = scratch.path('long.json');
  const sizes: number[] = [];
  function* pieces() {
    for (let made = 0; made < count; made++) {
      const files = readdirSync(dirname(path));
      expect(files).not.toContain('long.json');
      sizes.push(...files.map((file) => statSync(join(dirname(path), file)).size));
      yield piece;
    }
  }
  await writePieces(path, pieces());
  expect((await readFile(path, 'utf8')) === piece.repeat(count)).toBe(true);
  const { size } = await stat(path);
  expect(size).toBe(count * Buffer.byteLength(piece));
  expect(sizes.at(-1)).toBeGreaterThan(0.8 * size);
  expect(await readdir(dirname(path))).toEqual(['long.json']);
});

it('leaves the earlier file and nothing else when making a piece fails', async () => {
  const path = scratch.path('earlier.json');
  await writeFile(path, 'earlier');
  function* pieces() {
    yield piece;
    throw new Error('no more');
  }
  await expect(writePieces(path, pieces())).rejects.toThrow('no more');
  expect(await readFile(path, 'utf8')).toBe('earlier');
  expect((await readdir(dirname(path))).filter((name) => name.endsWith('.partial'))).toEqual([]);
});
