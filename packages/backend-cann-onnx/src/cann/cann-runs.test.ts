import { fixturePixels } from '@webssl/backend/testkit';
import { describe, expect, it } from 'vitest';
import { errorOf, exact, missing, reason, useCannMachine } from '../testing/cann-stand-in.js';

const cann = useCannMachine();

describe.skipIf(missing !== undefined)(`CANN${reason}`, () => {
  describe('a batch', () => {
    it('is split and padded to the sizes that CANN compiles for', async () => {
      const session = await cann.open({ batchSizes: [4, 1] });
      expect(session.batchSizes).toEqual([1, 4]);
      expect(await errorOf(session, [0, 1, 2, 3, 4, 5, 6])).toBeLessThan(exact);
      expect(await errorOf(session, [0, 1, 2, 3, 4])).toBeLessThan(exact);
      expect(await errorOf(session, [5, 6])).toBeLessThan(exact);
      expect(cann.compilations()).toEqual(['compile', 'compile']);
    });
  });

  describe('a model above the limit of a message', () => {
    // The graphs are a few kilobytes each, the weights 17 184 bytes.
    const graphLimitBytes = 30_000;

    it('is refused whole', async () => {
      cann.configure({ graphLimitBytes: 10_000 });
      const session = await cann.open();
      await expect(session.run(fixturePixels([0]))).rejects.toMatchObject({
        code: 'CANN_COMPILE_FAILED',
        message: expect.stringContaining('aclgrphParseONNXFromMem'),
      });
    });

    it('runs in pieces', async () => {
      cann.configure({ graphLimitBytes });
      const session = await cann.open({ pieceBytes: 8000 });
      expect(session.device.details['pieces']).toBe(3);
      expect(await errorOf(session, [0, 1, 2, 3, 4])).toBeLessThan(exact);
    });
  });

  describe('a run', () => {
    it('that finds no memory leaves the session usable', async () => {
      cann.configure({ faults: 'run=207001' });
      const session = await cann.open();
      await expect(session.run(fixturePixels([0]))).rejects.toMatchObject({ code: 'BACKEND_OUT_OF_MEMORY' });
      expect(await errorOf(session, [0])).toBeLessThan(exact);
    });

    it('that fails for another reason leaves the session usable', async () => {
      cann.configure({ faults: 'run=500002' });
      const session = await cann.open();
      await expect(session.run(fixturePixels([0]))).rejects.toMatchObject({
        code: 'BACKEND_RUN_FAILED',
        message: expect.stringContaining('500002'),
      });
      expect(await errorOf(session, [0])).toBeLessThan(exact);
    });

    it.each([
      [507_010, 'renew'],
      [507_015, 'renew'],
      [507_054, 'give-up'],
    ])('on a device that fails with %i is lost with its session', async (code, policy) => {
      cann.configure({ faults: `run#*=${code}` });
      for (const isolation of ['process', 'thread'] as const) {
        const session = await cann.open({ isolation });
        await expect(session.run(fixturePixels([0]))).rejects.toMatchObject({
          code: 'BACKEND_LOST',
          message: expect.stringContaining(String(code)),
          details: { policy },
        });
        expect(await session.closed).toMatchObject({ kind: 'lost' });
      }
    });

    it('that hangs is lost after the deadline', async () => {
      cann.configure({ faults: 'run=hang' });
      const session = await cann.open({ deadlineMilliseconds: 1000 });
      await expect(session.run(fixturePixels([0]))).rejects.toMatchObject({ code: 'BACKEND_LOST' });
      expect(await session.closed).toMatchObject({ kind: 'lost' });
    });

    it('in which the driver crashes is lost, and the program lives on', async () => {
      cann.configure({ faults: 'run=crash' });
      const session = await cann.open();
      await expect(session.run(fixturePixels([0]))).rejects.toMatchObject({ code: 'BACKEND_LOST' });
    });
  });
});
