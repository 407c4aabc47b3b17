import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { publishOtherVersion } from '../registry/other-version.js';
import { features, type Stranger } from '../stranger.js';
import { addModel } from '../tiny-model.js';

/** The version whose files the CPU backend has, so that features can be compared to the last bit. */
const onnxruntimeVersion = '1.30.0';

export function testBackends(stranger: Stranger): void {
  it("another's backend, as the contract's README writes it, passes the conformance suite and serves the encoder", async () => {
    const project = await stranger.begin(
      'npm',
      // Its install script fetches a CUDA build.
      ...['--ignore-scripts', '@webssl/backend', '@webssl/encoder', `onnxruntime-node@${onnxruntimeVersion}`],
    );
    const readme = readFileSync(join(project.folder, 'node_modules/@webssl/backend/README.md'), 'utf8');
    const files = [...readme.matchAll(/```js\n\/\/ (\S+)\n([\s\S]*?)```/g)];
    expect(files.map(([, name]) => name)).toEqual(['worker.js', 'backend.js', 'backend.test.js']);
    for (const [, name = '', text = ''] of files) {
      // The 200 sessions that find leaks take as long as all the rest; the CPU backend's own test opens them.
      await project.write({ [name]: text.replace('{ isolation }', '{ isolation, cycles: 5 }') });
    }
    const printed = await project.succeed('node', ['--test', '--test-reporter=tap', 'backend.test.js']);
    expect(printed).toMatch(/# fail 0\n/);
    expect(Number(/# pass (\d+)/.exec(printed)?.[1])).toBeGreaterThan(90);

    await project.write({
      'index.js': `import { loadEncoder } from '@webssl/encoder';
        import { mine } from './backend.js';
        const encoder = await loadEncoder('./model', { device: mine() });
        const { cls } = await encoder.encode('photo.png', { features: ['cls'] });
        console.log(JSON.stringify({ devices: encoder.info.devices, cls: [...cls.data] }));
        await encoder.close();`,
    });
    expect(await features(await project.succeed('node', ['index.js']))).toMatchObject({
      devices: [{ backend: 'mine' }],
    });
  });

  it('a missing optional backend is an error that names its package', async () => {
    const project = await stranger.begin('npm', '@webssl/encoder');
    await project.write({
      'index.js': `import { loadEncoder } from '@webssl/encoder';
        await loadEncoder('./model', { device: 'acl-native' }).catch(({ code, message }) => console.log(code, message));`,
    });
    expect(await project.succeed('node', ['index.js'])).toMatch(
      /^BACKEND_NOT_INSTALLED .*npm install @webssl\/backend-acl-native/,
    );
  });

  it('two versions of a backend live in one monorepo, and work with the same encoder', async () => {
    const { project } = stranger;
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
    await stranger.manage('pnpm', 'install');
    const [older, newer] = await Promise.all(
      ['older', 'newer'].map(async (name) => features(await project.succeed('node', ['index.js'], name))),
    );
    expect(newer?.['version']).toBe('0.0.900');
    expect(older?.['version']).not.toBe('0.0.900');
    expect(newer?.['cls']).toEqual(older?.['cls']);
  });

  it('a backend of another contract is refused, and who speaks what is said', async () => {
    await publishOtherVersion(stranger.project, '@webssl/backend-cpu', '0.0.901', (text) =>
      text.replaceAll('specificationVersion: "v1"', 'specificationVersion: "v2"'),
    );
    const project = await stranger.begin('npm', '@webssl/encoder', '@webssl/backend-cpu@0.0.901');
    await project.write({
      'index.js': `import { cpu } from '@webssl/backend-cpu';
        import { loadEncoder } from '@webssl/encoder';
        await loadEncoder('./model', { device: cpu() }).catch(({ code, message }) => console.log(code, message));`,
    });
    expect(await project.succeed('node', ['index.js'])).toMatch(
      /^BACKEND_INCOMPATIBLE The backend "cpu" speaks version v2 .* this encoder version v1/,
    );
  });
}
