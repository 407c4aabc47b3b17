import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { publintProblems } from './publint-problems.js';
import { typeProblems } from './type-resolution.js';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'package-'));
  mkdirSync(join(folder, 'dist'));
});
afterEach(() => rmSync(folder, { recursive: true }));

/** A package of one entry, packed. */
function packed(exports: object, files: Readonly<Record<string, string>>): Uint8Array<ArrayBuffer> {
  const manifest = {
    name: 'some',
    version: '1.0.0',
    license: 'MIT',
    type: 'module',
    files: ['dist'],
    exports,
  };
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ ...manifest, sideEffects: false }));
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, 'dist', name), text);
  execFileSync('npm', ['pack', '--silent'], { cwd: folder });
  return new Uint8Array(readFileSync(join(folder, 'some-1.0.0.tgz')));
}

const entry = { '.': { types: './dist/index.d.ts', default: './dist/index.js' } };
const sources = { 'index.js': 'export const a = 1;\n', 'index.d.ts': 'export declare const a: number;\n' };

it('finds nothing in a proper package', async () => {
  const tarball = packed(entry, sources);
  expect(await typeProblems(tarball)).toEqual([]);
  expect((await publintProblems(tarball)).filter((line) => !/engines|license/i.test(line))).toEqual([]);
});

it('finds types of a module that the code is none of', async () => {
  const tarball = packed(
    { '.': { types: './dist/index.d.cts', default: './dist/index.js' } },
    { 'index.js': 'export const a = 1;\n', 'index.d.cts': 'declare const a: number;\nexport = a;\n' },
  );
  expect((await typeProblems(tarball)).join()).toMatch(/FalseCJS|FalseExportDefault|CJSResolvesToESM/);
});

it('finds types that are not found', async () => {
  const inside = "export { a } from './missing.js';\n";
  const tarball = packed(entry, { ...sources, 'index.d.ts': inside });
  expect((await typeProblems(tarball)).join()).toContain('InternalResolutionError');
});

it('finds an entry that is not in the package', async () => {
  const tarball = packed({ ...entry, './other': './dist/other.js' }, sources);
  expect((await publintProblems(tarball)).join()).toContain('other.js');
});
