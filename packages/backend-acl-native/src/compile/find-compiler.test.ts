import { chmodSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { findCompiler } from './find-compiler.js';
import { compilerDouble } from './testing/compiler-double.js';
import { refusal } from './testing/refusal.js';
import { temporaryFolder } from './testing/temporary-folder.js';

describe('the compiler', () => {
  it('is the one that is given', async () => {
    const { path } = compilerDouble(temporaryFolder());
    expect(await findCompiler(path, {})).toEqual({ path, version: 'unknown' });
  });

  it('is refused where the given path is no program', async () => {
    const folder = temporaryFolder();
    const file = join(folder, 'atc');
    for (const given of [file, folder]) {
      const { code, message } = await refusal(findCompiler(given, {}));
      expect(code).toBe('BACKEND_COMPILER_MISSING');
      expect(message).toContain(given);
    }
    writeFileSync(file, '');
    chmodSync(file, 0o644);
    expect((await refusal(findCompiler(file, {}))).code).toBe('BACKEND_COMPILER_MISSING');
  });

  it('is looked for on the path, then in the home of CANN', async () => {
    const [empty, onPath, home] = [temporaryFolder(), temporaryFolder(), temporaryFolder()];
    mkdirSync(join(home, 'bin'));
    const first = compilerDouble(onPath);
    const second = compilerDouble(join(home, 'bin'));
    const places = { PATH: `${empty}:${onPath}`, ASCEND_HOME_PATH: home };
    expect((await findCompiler(undefined, places))?.path).toBe(first.path);
    expect((await findCompiler(undefined, { ...places, PATH: empty }))?.path).toBe(second.path);
  });

  it.each([
    ['version.info', 'bin'],
    ['compiler/version.info', 'bin'],
    ['version.info', 'x86_64-linux/bin'],
  ])('has the version in %s above %s', async (file, bin) => {
    const root = temporaryFolder();
    for (const path of [dirname(join(root, file)), join(root, bin)]) mkdirSync(path, { recursive: true });
    writeFileSync(join(root, file), 'package_name=ascend\nVersion=8.5.0\nversion_dir=8.5.0\n');
    const { path } = compilerDouble(join(root, bin));
    const link = join(temporaryFolder(), 'atc');
    symlinkSync(path, link);
    expect(await findCompiler(link, {})).toEqual({ path, version: '8.5.0' });
  });
});
