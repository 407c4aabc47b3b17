import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

const root = fileURLToPath(new URL('../../..', import.meta.url));
const program = fileURLToPath(new URL('../copy-onnxruntime.mjs', import.meta.url));
const original = dirname(createRequire(import.meta.url).resolve('onnxruntime-node/package.json'));

interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly scripts: Readonly<Record<string, string>>;
  readonly dependencies: Readonly<Record<string, string>>;
  readonly optionalDependencies: Readonly<Record<string, string>>;
  readonly publishConfig: { readonly os: string[]; readonly cpu: string[]; readonly libc?: string[] };
}

function manifest(folder: string): Manifest {
  return JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
}

/** Such as `linux-x64`, as the folders of onnxruntime-node say. */
function originalPlatforms(): string[] {
  const binaries = join(original, 'bin', 'napi-v6');
  return readdirSync(binaries).flatMap((platform) =>
    readdirSync(join(binaries, platform)).map((architecture) => `${platform}-${architecture}`),
  );
}

const platforms = originalPlatforms();
const folderOf = (platform: string) => join(root, 'runtimes', `onnxruntime-${platform}`);

it('there is a package for every platform that onnxruntime-node has, and the CPU backend asks for all of them', () => {
  const expected = platforms.map((platform) => `onnxruntime-${platform}`).sort();
  expect(expected.length).toBeGreaterThanOrEqual(5);
  expect(readdirSync(join(root, 'runtimes')).sort()).toEqual(expected);
  const { optionalDependencies } = manifest(join(root, 'packages', 'backend-cpu'));
  expect(Object.keys(optionalDependencies).sort()).toEqual(expected.map((name) => `@webssl/${name}`));
});

describe.each(platforms)('%s', (platform) => {
  const [os = '', cpu = ''] = platform.split('-');
  let folder: string;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'onnxruntime-package-'));
    await cp(join(folderOf(platform), 'package.json'), join(folder, 'package.json'));
  });

  afterEach(() => rm(folder, { recursive: true }));

  it('is installed there only, and has the version of onnxruntime-node', () => {
    const { name, version, dependencies, publishConfig } = manifest(folder);
    expect(name).toBe(`@webssl/onnxruntime-${platform}`);
    expect(version).toBe(manifest(original).version);
    expect(dependencies).toEqual({ 'onnxruntime-common': 'catalog:' });
    expect(publishConfig).toMatchObject({ os: [os], cpu: [cpu] });
    expect(publishConfig.libc).toEqual(os === 'linux' ? ['glibc'] : undefined);
  });

  it('holds the files of onnxruntime-node as they are, the licence and the notices', () => {
    execFileSync(process.execPath, [program], { cwd: folder });
    const binaries = join('bin', 'napi-v6', os, cpu);
    const names = (place: string) => readdirSync(place, { recursive: true, encoding: 'utf8' }).sort();
    const leftOut = (name: string) => /\d+\.\d+\.\d+\.dylib$/.test(name);
    expect(names(join(folder, 'dist'))).toEqual(names(join(original, 'dist')));
    expect(names(join(folder, 'bin'))).toHaveLength(3 + names(join(folder, binaries)).length);
    expect(names(join(folder, binaries))).toEqual(
      names(join(original, binaries)).filter((name) => !leftOut(name)),
    );
    for (const part of ['dist', binaries]) {
      for (const name of names(join(folder, part))) {
        expect(hashOf(join(folder, part, name)), name).toBe(hashOf(join(original, part, name)));
      }
    }
    expect(readFileSync(join(folder, 'LICENSE'), 'utf8')).toMatch(/^MIT License\s[\s\S]+Microsoft/);
    expect(readFileSync(join(folder, 'ThirdPartyNotices.txt'), 'utf8')).toContain('THIRD PARTY');
  });

  it.runIf(os === 'darwin')(
    'has left out only what is twice there under a name that is not asked for',
    () => {
      const binaries = join(original, 'bin', 'napi-v6', os, cpu);
      const [second = ''] = readdirSync(binaries).filter((name) => /\d+\.\d+\.\d+\.dylib$/.test(name));
      expect(hashOf(join(binaries, second))).toBe(hashOf(join(binaries, 'libonnxruntime.1.dylib')));
      const binding = readFileSync(join(binaries, 'onnxruntime_binding.node'), 'latin1');
      expect(binding).toContain('@rpath/libonnxruntime.1.dylib');
      expect(binding).not.toContain(second);
    },
  );

  it('is filled before it is published, and while developing only on its own platform', () => {
    const { scripts } = manifest(folderOf(platform));
    expect(scripts).toMatchObject({ prepack: 'copy-onnxruntime', build: 'copy-onnxruntime --own-platform' });
    execFileSync(process.execPath, [program, '--own-platform'], { cwd: folder });
    expect(existsSync(join(folder, 'bin'))).toBe(platform === `${process.platform}-${process.arch}`);
  });

  it('is not filled from another version', async () => {
    await writeFile(join(folder, 'package.json'), JSON.stringify({ ...manifest(folder), version: '1.29.0' }));
    expect(() => execFileSync(process.execPath, [program], { cwd: folder, stdio: 'pipe' })).toThrow(
      /version 1\.29\.0, the installed onnxruntime-node is \d/,
    );
    expect(existsSync(join(folder, 'bin'))).toBe(false);
  });
});

function hashOf(path: string): string {
  return createHash('sha256').update(readFileSync(path)).digest('hex');
}
