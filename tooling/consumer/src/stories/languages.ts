import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { features, type Stranger } from '../stranger.js';

const projects = fileURLToPath(new URL('../../projects', import.meta.url));
const typescript = ['typescript@5.9.3', '@types/node@20'];

export function testLanguages(stranger: Stranger): void {
  it('a TypeScript project checks strictly under NodeNext and Bundler resolution, and runs', async () => {
    const own = ['@webssl/encoder', '@webssl/backend', '@webssl/backend-cpu'];
    const project = await stranger.begin('pnpm', ...own, ...typescript);
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

  it('from CommonJS import() works; require() does where Node.js can require ES modules', async () => {
    const project = await stranger.begin('npm', '@webssl/encoder');
    await project.write({
      'import.cjs': "import('@webssl/encoder').then(({ loadEncoder }) => console.log(typeof loadEncoder));",
      'require.cjs': "console.log(typeof require('@webssl/encoder').loadEncoder);",
    });
    expect(await project.succeed('node', ['import.cjs'])).toBe('function\n');
    const canRequire = process.features.require_module === true;
    const { code, stdout, stderr } = await project.run('node', ['require.cjs']);
    if (canRequire) expect(stdout).toBe('function\n');
    else expect(stderr).toContain('ERR_REQUIRE_ESM');
    expect(code).toBe(canRequire ? 0 : 1);
  });

  it.each(['npm', 'pnpm'] as const)(
    'in a bundle as the README of the encoder makes it, installed with %s, workers and native files are still found',
    async (manager) => {
      const project = await stranger.begin(manager, '@webssl/encoder', 'tsup@8.5.1', ...typescript);
      await project.copy(join(projects, 'bundle', 'index.ts'), 'index.ts');
      const readme = readFileSync(join(project.folder, 'node_modules/@webssl/encoder/README.md'), 'utf8');
      const [, configuration = ''] = /```ts\n\/\/ tsup\.config\.ts\n([\s\S]*?)```/.exec(readme) ?? [];
      await project.write({ 'tsup.config.ts': configuration });
      await project.succeed('npx', ['tsup']);
      expect(readFileSync(join(project.folder, 'dist', 'index.js'), 'utf8')).not.toMatch(
        /from ["']@webssl\//,
      );
      const printed = await features(await project.succeed('node', ['dist/index.js']));
      expect(printed).toMatchObject({ devices: [{ backend: 'cpu' }] });
    },
  );
}
