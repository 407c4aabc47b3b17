import { fixtureModel } from '@webssl/backend/testkit';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { missingSimulator, SimulatedAscend } from './testing/simulated-ascend.js';

const memory = { freeMemoryBytes: 2 ** 29, totalMemoryBytes: 2 ** 29 };
const name = 'Ascend910B4 (simulator)';

/** A problem of a device, as AscendCL's code says it. */
const noPermission = {
  code: 'BACKEND_OPEN_FAILED',
  reason: expect.stringContaining(
    'failed with 207006 (RT_NO_PERMISSION): the user has no permission on the device',
  ),
  advice: expect.stringContaining('HwHiAiUser'),
};
const busy = {
  code: 'BACKEND_OPEN_FAILED',
  reason: expect.stringContaining(
    'failed with 507033 (RT_DEV_SETUP_ERROR): the device cannot be set up: it is busy, is being reset or failed',
  ),
  advice: expect.stringMatching(/^Close other programs and sessions on the device .* Then try again\./),
};

describe.skipIf(missingSimulator)(
  `the probe of simulated NPUs${missingSimulator ? ` (${missingSimulator})` : ''}`,
  () => {
    let ascend: SimulatedAscend;
    const probe = (faults: string, devices = 2) => {
      ascend.configure({ devices, memoryBytes: 2 ** 29, faults });
      return ascend.backend().probe();
    };

    beforeAll(() => {
      ascend = new SimulatedAscend();
    });
    afterEach(() => ascend.configure({}));
    afterAll(() => ascend?.dispose());

    it.each([
      ['aclrtSetDevice@1=207006', noPermission],
      ['aclrtGetMemInfo@1#*=207006', noPermission],
      ['aclrtSetDevice@1=507033', busy],
      ['aclrtGetMemInfo@1#*=507033', busy],
    ])('says why one of two devices cannot be used, and what to do: %s', async (faults, unusable) => {
      expect(await probe(faults)).toMatchObject({
        usable: true,
        devices: [
          { index: 0, name, ...memory },
          { index: 1, name, unusable },
        ],
      });
    });

    it.each([
      ['aclrtSetDevice#*=207006', noPermission],
      ['aclrtSetDevice#*=507033', busy],
    ])('is not usable where no device is, with what was found nevertheless: %s', async (faults, problem) => {
      const report = await probe(faults);
      expect(report).toMatchObject({
        ...problem,
        usable: false,
        library: expect.stringMatching(/^AscendCL /),
        details: { soc: 'Ascend910B4' },
        devices: [0, 1].map((index) => ({ index, unusable: problem })),
      });
      expect('reason' in report && report.reason).toMatch(/^No device can be used\. Device 0, 1: /);
    });

    it('names each reason where devices have different ones', async () => {
      expect(await probe('aclrtSetDevice@0=207006;aclrtSetDevice@1=507033')).toMatchObject({
        usable: false,
        reason: expect.stringMatching(/Device 0: .*207006.*\. Device 1: .*507033/),
        advice: expect.stringMatching(/HwHiAiUser.*Close other programs/),
      });
    });

    it.each([200_001, 100_000])('takes a device for usable that only has no answer: %i', async (code) => {
      const { usable, devices } = await probe(`aclrtGetMemInfo@1#*=${code}`);
      expect(usable).toBe(true);
      expect(devices).toEqual([
        { index: 0, name, ...memory },
        { index: 1, name },
      ]);
    });

    it.each(['hang', 'crash'])(
      'tells the memory of the others where a device makes it %s',
      async (action) => {
        ascend.configure({ devices: 3, memoryBytes: 2 ** 29, faults: `aclrtSetDevice@1=${action}` });
        const backend = ascend.backend({ openDeadlineMilliseconds: 15_000 });
        const started = performance.now();
        expect(await backend.probe()).toMatchObject({
          usable: true,
          details: { soc: 'Ascend910B4' },
          devices: [
            { index: 0, name, ...memory },
            {
              index: 1,
              name,
              unusable: {
                code: 'BACKEND_LOST',
                reason: expect.stringContaining("The worker of 'acl-native' was lost while probing"),
                advice: expect.stringContaining('The native library crashed or hangs.'),
              },
            },
            { index: 2, name, ...memory },
          ],
        });
        // A child that starts and one that is killed are not part of the deadline.
        expect(performance.now() - started).toBeLessThan(30_000);
        await (
          await backend.open(fixtureModel(), {
            size: { height: 12, width: 12 },
            outputs: ['last_hidden_state'],
          })
        ).close();
      },
    );
  },
);
