import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { ModelSource } from '@webssl/backend';
import { fixtureModel, fixturePixels } from '@webssl/backend/testkit';
import { cannOnnx } from '@webssl/backend-cann-onnx';
import { buildAscendSimulator } from '@webssl-tooling/ascend-simulator';
import { describe, expect, it } from 'vitest';
import { errorOf, exact, library, missing, open, reason, useCannMachine } from '../testing/cann-stand-in.js';
import { setEnvironment } from '../testing/set-environment.js';

const cann = useCannMachine();
const ascend = buildAscendSimulator();

/** Makes a namespace of process ids, where the system lets it. */
const container = {
  command: 'unshare',
  words: ['--user', '--map-root-user', '--pid', '--fork', '--mount-proc'],
};
const hasContainers = spawnSync(container.command, [...container.words, 'true']).status === 0;

/** A program in a namespace of process ids of its own, which has a session until its input ends. */
async function startInContainer() {
  const program = `
    import { cannOnnx } from '@webssl/backend-cann-onnx';
    import { fixtureModel } from '@webssl/backend/testkit';
    const [library, cacheFolder] = process.argv.slice(-2);
    const session = await cannOnnx({ library, cacheFolder }).open(fixtureModel(), ${JSON.stringify(open)});
    console.log('open');
    process.stdin.resume().once('end', () => session.close());`;
  const words = [
    process.execPath,
    '--input-type=module',
    '--eval',
    program,
    '--',
    library,
    join(cann.folder, 'cache'),
  ];
  const child = spawn(container.command, [...container.words, ...words], {
    cwd: import.meta.dirname,
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  await once(child.stdout, 'data');
  return child;
}

describe.skipIf(missing !== undefined)(`CANN${reason}`, () => {
  describe('what CANN compiled', () => {
    it('is loaded the next time', async () => {
      const first = await cann.open({ pieceBytes: 8000 });
      await first.run(fixturePixels([0]));
      await first.close();
      expect(cann.compilations()).toEqual(['compile', 'compile', 'compile']);
      const second = await cann.open({ pieceBytes: 8000 });
      expect(await errorOf(second, [0])).toBeLessThan(exact);
      expect(cann.compilations().slice(3)).toEqual(['load', 'load', 'load']);
    });

    it('is not taken for that of other weights, another precision or another device of an unknown chip', async () => {
      cann.configure({ devices: 2 });
      await errorOf(await cann.open(), [0]);
      const other: ModelSource = { ...fixtureModel(), key: 'other' };
      await errorOf(await cann.open({}, {}, other), [0]);
      expect(await errorOf(await cann.open({}, { precision: 'fp16' }), [0])).toBeGreaterThan(exact);
      await errorOf(await cann.open({ device: 1 }), [0]);
      expect(cann.compilations()).toEqual(['compile', 'compile', 'compile', 'compile']);
    });

    it.skipIf('missing' in ascend)('is one for all devices of a chip, and not for another chip', async () => {
      if ('missing' in ascend) return;
      const { library: acl, environment } = ascend.simulator;
      cann.configure({ devices: 2 });
      for (const [soc, device] of [
        ['Ascend910B4', 0],
        ['Ascend910B4', 1],
        ['Ascend310P3', 1],
      ] as const) {
        const undo = setEnvironment({ ...environment({ soc }), LD_LIBRARY_PATH: dirname(acl) });
        try {
          await errorOf(await cann.open({ device }), [0]);
        } finally {
          undo();
        }
      }
      expect(cann.compilations()).toEqual(['compile', 'load', 'compile']);
    });

    it('is one file for each batch size, and no working folder stays', async () => {
      const session = await cann.open({ batchSizes: [1, 4] });
      await session.run(fixturePixels([0, 1, 2, 3, 4]));
      await session.close();
      expect(cann.cached()).toHaveLength(2);
      expect(cann.workingFolders()).toEqual([]);
    });

    it('is not kept where it could not be saved', async () => {
      cann.configure({ faults: 'save=1' });
      const session = await cann.open();
      await expect(session.run(fixturePixels([0]))).rejects.toMatchObject({ code: 'CANN_COMPILE_FAILED' });
      expect(cann.cached()).toEqual([]);
      expect(await errorOf(session, [0])).toBeLessThan(exact);
      expect(cann.compilations()).toEqual(['compile', 'compile']);
    });

    it('survives a process that is killed, whose working folder the next one removes', async () => {
      const first = await cann.open();
      await first.run(fixturePixels([0]));
      process.kill(Number(first.device.details['processId']), 'SIGKILL');
      await first.closed;
      expect(cann.workingFolders()).toHaveLength(1);
      const second = await cann.open();
      await second.run(fixturePixels([0]));
      await second.close();
      expect(cann.compilations()).toEqual(['compile', 'load']);
      expect(cann.workingFolders()).toEqual([]);
    });

    it.skipIf(!hasContainers)(
      'is left to a session in another container, whose process ids mean nothing here',
      async () => {
        const other = await startInContainer();
        expect(cann.workingFolders()).toHaveLength(1);
        const session = await cann.open();
        expect(await errorOf(session, [0])).toBeLessThan(exact);
        expect(cann.workingFolders()).toHaveLength(2);
        other.stdin.end();
        expect(await once(other, 'close')).toEqual([0, null]);
        expect(cann.workingFolders()).toHaveLength(1);
      },
    );

    it('leaves nothing in the working folder of the program', async () => {
      const before = readdirSync('.');
      for (const isolation of ['process', 'thread'] as const) {
        const session = await cann.open({ isolation });
        await session.run(fixturePixels([0]));
        expect(session.device.details['keepsCompiled']).toBe(isolation === 'process');
      }
      expect(readdirSync('.')).toEqual(before);
    });

    it('needs a folder that can be written', async () => {
      const cacheFolder = join(cann.folder, 'file');
      writeFileSync(cacheFolder, '');
      await expect(cann.open({ cacheFolder })).rejects.toMatchObject({
        code: 'CANN_CACHE_UNUSABLE',
        message: expect.stringContaining(cacheFolder),
      });
    });

    it.each<[Record<string, string | undefined>, string]>([
      [{ WEBSSL_CACHE: 'own', XDG_CACHE_HOME: 'home' }, 'own/cann'],
      [{ WEBSSL_CACHE: '', XDG_CACHE_HOME: 'home' }, 'home/webssl/cann'],
    ])('is by default in the cache folder of the user: %o', async (variables, place) => {
      const inFolder = Object.entries(variables).map(([name, value]) => [
        name,
        value && join(cann.folder, value),
      ]);
      const home = setEnvironment(Object.fromEntries(inFolder));
      try {
        const session = await cannOnnx({ library }).open(fixtureModel(), open);
        await session.run(fixturePixels([0]));
        await session.close();
      } finally {
        home();
      }
      expect(readdirSync(join(cann.folder, place))).toHaveLength(1);
    });
  });
});
