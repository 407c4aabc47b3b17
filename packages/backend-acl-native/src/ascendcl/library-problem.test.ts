import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { libraryPlaces } from './library-places.js';
import { fileProblem, loaderProblem } from './library-problem.js';

const folder = mkdtempSync(join(tmpdir(), 'webssl-library-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** The first bytes of an ELF file. */
function elf(bits: 32 | 64, machine: number): Uint8Array {
  const header = Buffer.alloc(64);
  header.write('\x7fELF', 'latin1');
  header[4] = bits / 32;
  header[5] = 1;
  header.writeUInt16LE(machine, 18);
  return header;
}

function file(name: string, content: Uint8Array | string): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

describe('a file is told to be', () => {
  it('right where it is for this processor', () => {
    expect(fileProblem(file('right.so', elf(64, 183)), 'arm64')).toBeUndefined();
    expect(fileProblem(file('right.so', elf(64, 62)), 'x64')).toBeUndefined();
  });

  it.each([
    [
      'another processor',
      elf(64, 183),
      'x64',
      /another processor \(arm64, 64 bits\) than this Node.js \(x64\)/,
    ],
    ['another width', elf(32, 62), 'x64', /\(x64, 32 bits\)/],
    ['a processor without a name here', elf(64, 243), 'arm64', /\(machine 243, 64 bits\)/],
  ] as const)('for %s', (_what, content, architecture, text) => {
    const problem = fileProblem(file('other.so', content), architecture);
    expect(problem).toMatchObject({ kind: 'architecture', text: expect.stringMatching(text) });
  });

  it('no library where it is text, empty, or anything but ELF', () => {
    expect(fileProblem(file('text.so', 'INPUT(libother.so)'))?.kind).toBe('no-library');
    expect(fileProblem(file('empty.so', ''))?.kind).toBe('no-library');
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), (content) => {
        fc.pre(Buffer.from(content).toString('latin1', 0, 4) !== '\x7fELF');
        expect(fileProblem(file('any.so', content))?.kind).toBe('no-library');
      }),
      { numRuns: 30 },
    );
  });

  it('absent, or not readable', () => {
    expect(fileProblem(join(folder, 'none.so'))?.kind).toBe('absent');
    expect(fileProblem(join(folder, 'text.so', 'none.so'))?.kind).toBe('absent');
    expect(fileProblem(folder)?.kind).toBe('unloadable');
  });

  it('nothing yet where only its name is known', () => {
    expect(fileProblem('libascendcl.so')).toBeUndefined();
  });
});

describe("the loader's message", () => {
  const prefix = 'Failed to load shared library: ';
  it.each([
    ['cannot open shared object file: No such file or directory', 'absent', 'is not there'],
    [
      'libmsprofiler.so: cannot open shared object file: No such file or directory',
      'dependency',
      'needs libmsprofiler.so, which the loader does not find',
    ],
    ['undefined symbol: rtMalloc', 'unloadable', 'cannot be loaded: undefined symbol: rtMalloc'],
  ])('"%s" means: %s', (message, kind, text) => {
    expect(loaderProblem('libascendcl.so', prefix + message)).toEqual({ kind, path: 'libascendcl.so', text });
  });
});

describe('the library is looked for', () => {
  const files = (...given: Parameters<typeof libraryPlaces>) =>
    libraryPlaces(...given).map((place) => place.files.join('+'));

  it('by the loader, then where CANN is; whole, then in parts', () => {
    expect(files(undefined, () => false, { ASCEND_HOME_PATH: '/opt/cann' })).toEqual([
      'libascendcl.so',
      '/opt/cann/lib64/libascendcl.so',
      '/usr/local/Ascend/ascend-toolkit/latest/lib64/libascendcl.so',
      '/usr/local/Ascend/cann/lib64/libascendcl.so',
      'libacl_rt.so+libacl_mdl.so',
      '/opt/cann/lib64/libacl_rt.so+/opt/cann/lib64/libacl_mdl.so',
      '/usr/local/Ascend/ascend-toolkit/latest/lib64/libacl_rt.so+/usr/local/Ascend/ascend-toolkit/latest/lib64/libacl_mdl.so',
      '/usr/local/Ascend/cann/lib64/libacl_rt.so+/usr/local/Ascend/cann/lib64/libacl_mdl.so',
    ]);
  });

  it('nowhere else where a file is given, by the option before ACL_LIB', () => {
    expect(files('/a/lib.so', () => false, { ACL_LIB: '/b/lib.so' })).toEqual(['/a/lib.so']);
    expect(files(undefined, () => false, { ACL_LIB: '/b/lib.so' })).toEqual(['/b/lib.so']);
  });

  it('in a folder that is given, whole or in parts', () => {
    expect(files('/a', () => true, {})).toEqual(['/a/libascendcl.so', '/a/libacl_rt.so+/a/libacl_mdl.so']);
  });

  it('without regard to variables that are empty', () => {
    expect(files(undefined, () => false, { ACL_LIB: '', ASCEND_HOME_PATH: '' })).toHaveLength(6);
  });
});
