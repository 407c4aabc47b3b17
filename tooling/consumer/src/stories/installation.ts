import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { features, type PackageManager, type Stranger } from '../stranger.js';
import { addModel } from '../tiny-model.js';

const script = fileURLToPath(new URL('../../projects/script/index.mjs', import.meta.url));
const mostMegabytes = 120;
const isLinux64 = process.platform === 'linux' && process.arch === 'x64';

export function testInstallation(stranger: Stranger): void {
  it.each<PackageManager>(['npm', 'pnpm', 'newest pnpm'])(
    'with %s the encoder installs without a setting, is small, and the ten lines run',
    async (manager) => {
      const project = await stranger.begin(manager, '@webssl/encoder');
      await project.copy(script, 'index.mjs');

      expect(await features(await project.succeed('node', ['index.mjs']))).toMatchObject({
        dims: [[64], [expect.any(Number), 64]],
      });
      const megabytes = bytesIn(join(project.folder, 'node_modules')) / 1e6;
      if (isLinux64) expect(megabytes).toBeLessThan(mostMegabytes);
      expect(readdirSync(project.folder).sort()).toEqual(
        [
          'index.mjs',
          'model',
          'node_modules',
          manager === 'npm' ? 'package-lock.json' : 'pnpm-lock.yaml',
          'package.json',
          'photo.png',
          ...(manager === 'newest pnpm' ? ['pnpm-workspace.yaml'] : []),
        ].sort(),
      );
      // It notes which versions are younger than a day, as all of ours are here, and nothing else: no script waits for approval.
      if (manager === 'newest pnpm') {
        const notes = readFileSync(join(project.folder, 'pnpm-workspace.yaml'), 'utf8');
        expect(notes).toMatch(/^minimumReleaseAgeExclude:\n(\s+- '@webssl\/.*'\n)+$/);
      }
    },
  );

  it('no package of ours has an install script, a file of the repository or a reference to its workspace', async () => {
    const project = await stranger.begin(
      'npm',
      ...['@webssl/cli', '@webssl/server', '@webssl/backend-acl-native', '@webssl/backend-cann-onnx'],
    );
    const ours = join(project.folder, 'node_modules', '@webssl');
    for (const name of readdirSync(ours)) {
      const text = readFileSync(join(ours, name, 'package.json'), 'utf8');
      const { scripts = {}, publishConfig = {} } = JSON.parse(text);
      expect(Object.keys(scripts), name).not.toEqual(
        expect.arrayContaining([expect.stringMatching(/^(pre|post)?install$/)]),
      );
      expect(text, name).not.toMatch(/workspace:|catalog:/);
      expect(publishConfig, name).not.toHaveProperty('provenance');
      const files = readdirSync(join(ours, name), { recursive: true, encoding: 'utf8' });
      expect(
        files.filter((file) => !file.startsWith('node_modules') && /\.test\.|tsconfig|^src/.test(file)),
        name,
      ).toEqual([]);
      expect(files, name).toEqual(expect.arrayContaining(['README.md', 'LICENSE']));
    }
  });

  it('importing a package loads no native code, and a program that does nothing else ends', async () => {
    const own = ['@webssl/encoder', '@webssl/backend-acl-native', '@webssl/backend-cann-onnx'];
    const project = await stranger.begin('npm', ...own);
    const all = [...own, '@webssl/backend-cpu', '@webssl/preprocess', '@webssl/registry'];
    const program = `
      const loaded = () => process.report.getReport().sharedObjects;
      const before = new Set(loaded());
      for (const name of ${JSON.stringify(all)}) await import(name);
      console.log(JSON.stringify(loaded().filter((path) => !before.has(path))));`;
    expect(await project.succeed('node', ['--input-type=module', '--eval', program])).toBe('[]\n');
  });

  it('the command runs from npx', async () => {
    const { project } = stranger;
    await addModel(project);
    const printed = await project.succeed('npx', [
      ...['--yes', '@webssl/cli', 'embed', 'photo.png', '--model', './model', '--json'],
    ]);
    expect(printed).toContain('"cls"');
  });
}

function bytesIn(folder: string): number {
  return readdirSync(folder, { withFileTypes: true }).reduce((sum, entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return sum + bytesIn(path);
    return sum + (entry.isFile() ? statSync(path).size : 0);
  }, 0);
}
