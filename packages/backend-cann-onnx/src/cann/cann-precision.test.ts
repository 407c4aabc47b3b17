import { Worker } from 'node:worker_threads';
import { describe, expect, it } from 'vitest';
import { errorOf, exact, missing, reason, useCannMachine } from '../testing/cann-stand-in.js';

const cann = useCannMachine();

describe.skipIf(missing !== undefined)(`CANN${reason}`, () => {
  describe('the precision', () => {
    it.each(['first', 'precision_mode', 'precision_mode_v2'] as const)(
      'is what was asked for, whichever generation the provider is of: %s',
      async (generation) => {
        cann.configure({ generation });
        expect(await errorOf(await cann.open(), [0, 1, 2])).toBeLessThan(exact);
        for (const precision of ['fp16', 'mixed']) {
          const session = await cann.open({}, { precision });
          expect(session.device.precision).toBe(precision);
          const error = await errorOf(session, [0, 1, 2]);
          expect(error).toBeGreaterThan(exact);
          expect(error).toBeLessThan(1e-5);
        }
      },
    );

    it('is refused in a thread where the provider would write to the working folder of the program', async () => {
      cann.configure({ generation: 'first' });
      await expect(cann.open({ isolation: 'thread' })).rejects.toMatchObject({
        code: 'CANN_PROVIDER_FAILED',
        message: expect.stringContaining('dump_om_model'),
      });
    });

    it('is refused where CANN does not have it', async () => {
      await expect(cann.open({}, { precision: 'int8' })).rejects.toMatchObject({
        code: 'BACKEND_PRECISION_UNSUPPORTED',
        details: { supported: ['fp32', 'fp16', 'mixed'] },
      });
    });

    it('is not fixed by a session in a thread that could not be opened', async () => {
      const isolation = 'thread';
      cann.configure({ faults: 'create#*=207001' });
      await expect(cann.open({ isolation }, { precision: 'fp16' })).rejects.toMatchObject({
        code: 'BACKEND_OUT_OF_MEMORY',
      });
      cann.configure({});
      expect(await errorOf(await cann.open({ isolation }), [0])).toBeLessThan(exact);
    });

    it('is one for all sessions in threads of a process', async () => {
      const isolation = 'thread';
      await cann.open({ isolation });
      await cann.open({ isolation });
      await expect(cann.open({ isolation }, { precision: 'fp16' })).rejects.toMatchObject({
        code: 'CANN_PRECISION_FIXED',
        details: { first: 'fp32', precision: 'fp16' },
      });
      expect(await errorOf(await cann.open({}, { precision: 'fp16' }), [0])).toBeGreaterThan(exact);
    });

    it('cannot be known to be the one of the process outside the main thread', async () => {
      const entry = new URL('../../dist/index.js', import.meta.url).href;
      const program = `
        const { parentPort } = require('node:worker_threads');
        const open = { size: { height: 12, width: 12 }, outputs: ['last_hidden_state'] };
        import('${entry}').then(({ cannOnnx }) => cannOnnx({ isolation: 'thread' }).open({}, open))
          .catch(({ code }) => parentPort.postMessage(code));`;
      const code = await new Promise((resolve, reject) => {
        new Worker(program, { eval: true }).once('message', resolve).once('error', reject);
      });
      expect(code).toBe('CANN_PRECISION_FIXED');
    });
  });
});
