import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { EmptyProject } from './project/empty-project.js';
import { publishOtherVersion } from './registry/other-version.js';
import { type PrivateRegistry, startPrivateRegistry } from './registry/private-registry.js';
import { publicRegistryProblem } from './registry/public-registry.js';
import { publishPackages } from './registry/publish-packages.js';
import { addModel, errorOf } from './tiny-model.js';

/** Of NMSE, as everywhere: float32 of another library, in another order of addition. */
const bound = 1e-10;
const mostMegabytes = 120;
const minutes = 60_000;
const pnpmVersion = '10.34.9';
const projects = fileURLToPath(new URL('../projects', import.meta.url));
const isLinux64 = process.platform === 'linux' && process.arch === 'x64';

describe.skipIf(publicRegistryProblem !== '')(
  `in other people's projects${publicRegistryProblem}`,
  { timeout: 10 * minutes },
  () => {
    let registry: PrivateRegistry;
    let project: EmptyProject;

    beforeAll(async () => {
      registry = await startPrivateRegistry();
      await publishPackages(registry.address);
    }, 10 * minutes);
    afterAll(() => registry?.stop());

    beforeEach(async () => {
      project = await EmptyProject.create(registry.address);
    });
    afterEach(() => project.remove());

    /** Each as somebody has it who has set nothing. */
    const managers = {
      npm: { command: 'npm', add: ['install'] },
      pnpm: { command: 'npx', add: ['--yes', `pnpm@${pnpmVersion}`, 'add'] },
    } as const;

    async function add(
      manager: keyof typeof managers,
      packages: readonly string[],
      folder = '',
    ): Promise<void> {
      const { command, add: parameters } = managers[manager];
      await project.succeed(command, [...parameters, ...packages], folder);
    }

    /** What a program printed, and that its feature is the reference's. */
    async function features(text: string): Promise<Readonly<Record<string, unknown>>> {
      const printed = JSON.parse(text);
      expect(await errorOf(printed.cls)).toBeLessThanOrEqual(bound);
      return printed;
    }

    it.each(['npm', 'pnpm'] as const)(
      'with %s the encoder installs without a setting, is small, and the ten lines run',
      async (manager) => {
        await project.write({ 'package.json': { name: 'mine', private: true, type: 'module' } });
        await add(manager, ['@webssl/encoder']);
        await addModel(project);
        await project.copy(join(projects, 'script', 'index.mjs'), 'index.mjs');

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
          ].sort(),
        );
      },
    );

    it('no package of ours has an install script, a file of the repository or a reference to its workspace', async () => {
      await project.write({ 'package.json': { name: 'mine', private: true } });
      await add('npm', [
        '@webssl/cli',
        '@webssl/server',
        '@webssl/backend-acl-native',
        '@webssl/backend-cann-onnx',
      ]);
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

    it('a TypeScript project checks strictly under NodeNext and Bundler resolution, and runs', async () => {
      await project.write({ 'package.json': { name: 'mine', private: true, type: 'module' } });
      const own = ['@webssl/encoder', '@webssl/backend', '@webssl/backend-cpu'];
      await add('pnpm', [...own, 'typescript@5.9.3', '@types/node@20']);
      await addModel(project);
      await project.copy(join(projects, 'typescript', 'index.ts'), 'index.ts');
      for (const [module, resolution] of [
        ['NodeNext', 'NodeNext'],
        ['ESNext', 'Bundler'],
      ] as const) {
        const compilerOptions = {
          ...{ strict: true, skipLibCheck: false, target: 'ES2022', types: ['node'] },
          ...{ module, moduleResolution: resolution, outDir: resolution },
        };
        await project.write({ 'tsconfig.json': { compilerOptions, include: ['index.ts'] } });
        await project.succeed('npx', ['tsc', '--project', 'tsconfig.json']);
        const printed = await features(await project.succeed('node', [`${resolution}/index.js`]));
        expect(printed).toMatchObject({ problems: ['IMAGE_NOT_FOUND'] });
      }
    });

    it('importing a package loads no native code, and a program that does nothing else ends', async () => {
      await project.write({ 'package.json': { name: 'mine', private: true, type: 'module' } });
      const own = ['@webssl/encoder', '@webssl/backend-acl-native', '@webssl/backend-cann-onnx'];
      await add('npm', own);
      const script = `
        const loaded = () => process.report.getReport().sharedObjects;
        const before = new Set(loaded());
        for (const name of ${JSON.stringify([...own, '@webssl/backend-cpu', '@webssl/preprocess', '@webssl/registry'])}) await import(name);
        console.log(JSON.stringify(loaded().filter((path) => !before.has(path))));`;
      expect(await project.succeed('node', ['--input-type=module', '--eval', script])).toBe('[]\n');
    });

    it('from CommonJS import() works; require() does where Node.js can require ES modules', async () => {
      await project.write({
        'package.json': { name: 'mine', private: true },
        'import.cjs': "import('@webssl/encoder').then(({ loadEncoder }) => console.log(typeof loadEncoder));",
        'require.cjs': "console.log(typeof require('@webssl/encoder').loadEncoder);",
      });
      await add('npm', ['@webssl/encoder']);
      expect(await project.succeed('node', ['import.cjs'])).toBe('function\n');
      const canRequire = process.features.require_module === true;
      const { code, stdout, stderr } = await project.run('node', ['require.cjs']);
      if (canRequire) expect(stdout).toBe('function\n');
      else expect(stderr).toContain('ERR_REQUIRE_ESM');
      expect(code).toBe(canRequire ? 0 : 1);
    });

    it('a missing optional backend is an error that names its package', async () => {
      await project.write({
        'package.json': { name: 'mine', private: true, type: 'module' },
        'index.js': `import { loadEncoder } from '@webssl/encoder';
          await loadEncoder('./model', { device: 'acl-native' }).catch(({ code, message }) => console.log(code, message));`,
      });
      await add('npm', ['@webssl/encoder']);
      await addModel(project);
      expect(await project.succeed('node', ['index.js'])).toMatch(
        /^BACKEND_NOT_INSTALLED .*npm install @webssl\/backend-acl-native/,
      );
    });

    it.each(['npm', 'pnpm'] as const)(
      'in a bundle, installed with %s, workers and native files are still found',
      async (manager) => {
        await project.write({ 'package.json': { name: 'mine', private: true, type: 'module' } });
        await add(manager, ['@webssl/encoder', 'tsup@8.5.1', 'typescript@5.9.3', '@types/node@20']);
        await addModel(project);
        await project.copy(join(projects, 'bundle', 'index.ts'), 'index.ts');
        await project.write({
          'tsup.config.ts': `export default { entry: ['index.ts'], format: 'esm', noExternal: [/@webssl\\//], clean: true,
          banner: { js: "import { createRequire as requireOf } from 'node:module'; const require = requireOf(import.meta.url);" } };`,
        });
        await project.succeed('npx', ['tsup']);
        expect(readFileSync(join(project.folder, 'dist', 'index.js'), 'utf8')).not.toMatch(
          /from ["']@webssl\//,
        );
        const printed = await features(await project.succeed('node', ['dist/index.js']));
        expect(printed).toMatchObject({ devices: [{ backend: 'cpu' }] });
      },
    );

    it('two versions of a backend live in one monorepo, and work with the same encoder', async () => {
      await publishOtherVersion(project, '@webssl/backend-cpu', '0.0.900');
      const script = `import { cpu } from '@webssl/backend-cpu';
        import { loadEncoder } from '@webssl/encoder';
        import { createRequire } from 'node:module';
        const { version } = createRequire(import.meta.url)('@webssl/backend-cpu/package.json');
        const encoder = await loadEncoder('./model', { device: cpu({ threads: 1 }) });
        const { cls } = await encoder.encode('photo.png', { features: ['cls'] });
        console.log(JSON.stringify({ version, cls: [...cls.data] }));
        await encoder.close();`;
      await project.write({
        'pnpm-workspace.yaml': "packages: ['*']\n",
        'package.json': { name: 'all', private: true },
      });
      for (const [name, version] of [
        ['older', 'latest'],
        ['newer', '0.0.900'],
      ] as const) {
        const dependencies = { '@webssl/encoder': 'latest', '@webssl/backend-cpu': version };
        await project.write({
          [`${name}/package.json`]: { name, private: true, type: 'module', dependencies },
          [`${name}/index.js`]: script,
        });
        await addModel(project, `${name}/`);
      }
      await project.succeed('npx', ['--yes', `pnpm@${pnpmVersion}`, 'install']);
      const [older, newer] = await Promise.all(
        ['older', 'newer'].map(async (name) => features(await project.succeed('node', ['index.js'], name))),
      );
      expect(newer?.['version']).toBe('0.0.900');
      expect(older?.['version']).not.toBe('0.0.900');
      expect(newer?.['cls']).toEqual(older?.['cls']);
    });

    it('a backend of another contract is refused, and who speaks what is said', async () => {
      await publishOtherVersion(project, '@webssl/backend-cpu', '0.0.901', (text) =>
        text.replaceAll('specificationVersion: "v1"', 'specificationVersion: "v2"'),
      );
      await project.write({
        'package.json': { name: 'mine', private: true, type: 'module' },
        'index.js': `import { cpu } from '@webssl/backend-cpu';
          import { loadEncoder } from '@webssl/encoder';
          await loadEncoder('./model', { device: cpu() }).catch(({ code, message }) => console.log(code, message));`,
      });
      await add('npm', ['@webssl/encoder', '@webssl/backend-cpu@0.0.901']);
      await addModel(project);
      expect(await project.succeed('node', ['index.js'])).toMatch(
        /^BACKEND_INCOMPATIBLE The backend "cpu" speaks version v2 .* this encoder version v1/,
      );
    });

    it('the command runs from npx', async () => {
      await addModel(project);
      const printed = await project.succeed('npx', [
        ...['--yes', '@webssl/cli', 'embed', 'photo.png', '--model', './model', '--json'],
      ]);
      expect(printed).toContain('"cls"');
    });
  },
);

function bytesIn(folder: string): number {
  return readdirSync(folder, { withFileTypes: true }).reduce((sum, entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return sum + bytesIn(path);
    return sum + (entry.isFile() ? statSync(path).size : 0);
  }, 0);
}
