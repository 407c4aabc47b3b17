import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ModelSource } from '@webssl/backend';
import { fixtureModel, fixturePixels } from '@webssl/backend/testkit';
import { cannOnnx } from '@webssl/backend-cann-onnx';
import { describe, expect, it } from 'vitest';
import { errorOf, exact, library, missing, open, reason, useCannMachine } from '../testing/cann-stand-in.js';
import { setEnvironment } from '../testing/set-environment.js';

const cann = useCannMachine();

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

    it('is not taken for that of other weights, another precision or another device', async () => {
      cann.configure({ devices: 2 });
      await errorOf(await cann.open(), [0]);
      const other: ModelSource = { ...fixtureModel(), key: 'other' };
      await errorOf(await cann.open({}, {}, other), [0]);
      expect(await errorOf(await cann.open({}, { precision: 'fp16' }), [0])).toBeGreaterThan(exact);
      await errorOf(await cann.open({ device: 1 }), [0]);
      expect(cann.compilations()).toEqual(['compile', 'compile', 'compile', 'compile']);
    });

    it('is one file for each batch size, and no working folder stays', async () => {
      const session = await cann.open({ batchSizes: [1, 4] });
      await session.run(fixturePixels([0, 1, 2, 3, 4]));
      await session.close();
      expect(cann.cached()).toHaveLength(2);
      expect(cann.cached().filter((name) => name.includes('running-'))).toEqual([]);
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
      expect(cann.cached().filter((name) => name.includes('running-'))).toHaveLength(1);
      const second = await cann.open();
      await second.run(fixturePixels([0]));
      await second.close();
      expect(cann.compilations()).toEqual(['compile', 'load']);
      expect(cann.cached().filter((name) => name.includes('running-'))).toEqual([]);
    });

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

    it('is by default in the cache folder of the user', async () => {
      const home = setEnvironment({ XDG_CACHE_HOME: join(cann.folder, 'home') });
      try {
        const session = await cannOnnx({ library }).open(fixtureModel(), open);
        await session.run(fixturePixels([0]));
        await session.close();
      } finally {
        home();
      }
      expect(readdirSync(join(cann.folder, 'home', 'webssl', 'cann'))).toHaveLength(1);
    });
  });
});
