import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { BackendSession } from '@webssl/backend';
import { expectedTensor, fixtureModel, fixtureOutputs, fixturePixels } from '@webssl/backend/testkit';
import { exportOfflineModel } from '@webssl/backend-acl-native';
import { compareTensors } from '@webssl/metrics';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { splitBatch } from './device/split-batch.js';
import { held, missingSimulator, SimulatedAscend } from './testing/simulated-ascend.js';

const options = {
  size: { height: 12, width: 12 },
  outputs: ['last_hidden_state'],
  isolation: 'thread',
} as const;

describe.skipIf(missingSimulator)(
  `a session on the simulator${missingSimulator ? ` (${missingSimulator})` : ''}`,
  () => {
    let ascend: SimulatedAscend;
    beforeAll(() => {
      ascend = new SimulatedAscend();
    });
    afterEach(() => ascend.configure({}));
    afterAll(() => ascend?.dispose());

    it('is described with SoC, versions, batch sizes and offline model, and as simulated', async () => {
      const session = await ascend.backend({ batchSizes: [2, 4] }).open(fixtureModel(), options);
      expect(session.device).toEqual({
        backend: 'acl-native',
        name: 'Ascend910B4 (simulator)',
        precision: 'fp32',
        library: expect.stringMatching(/^AscendCL \d+\.\d+\.\d+, CANN \d+\.\d+/),
        isolation: 'thread',
        index: 0,
        details: {
          soc: 'Ascend910B4',
          cannVersion: expect.any(String),
          batchSizes: '2,4',
          offlineModel: expect.stringMatching(/\.om$/),
          offlineModelSha256: expect.stringMatching(/^[0-9a-f]{64}$/),
          compilerVersion: expect.any(String),
          simulator: true,
        },
      });
      expect(session.batchSizes).toEqual([2, 4]);
      await session.close();
    });

    it('computes batches of 1 to 33, in the executions that the rule says', async () => {
      const session = await ascend.backend().open(fixtureModel(), options);
      let executions = 0;
      let images = 0;
      for (let batch = 1; batch <= 33; batch += 1) {
        await expectRight(session, numbers(batch));
        for (const { batchSize } of splitBatch(batch, [1, 4, 8, 16])) {
          executions += 1;
          images += batchSize;
        }
      }
      const before = held(ascend.ownCounters());
      await session.close();
      expect(before).toEqual({});
      const counters = ascend.ownCounters();
      expect(counters.executions).toBe(executions);
      expect(counters.executedImages).toBe(images);
    });

    it.each([[[1]], [[4]], [[3, 5]]])('splits and pads for the batch sizes %j', async (batchSizes) => {
      const session = await ascend.backend({ batchSizes }).open(fixtureModel(), options);
      for (const batch of [1, 2, 3, 4, 5, 9, 13]) await expectRight(session, numbers(batch));
      await session.close();
    });

    it.each([
      ['fp16', 1e-4],
      ['mixed', 1e-4],
    ] as const)('computes in %s, with the error of that', async (precision, tolerance) => {
      const session = await ascend.backend().open(fixtureModel(), { ...options, precision });
      expect(session.device.precision).toBe(precision);
      await expectRight(session, numbers(5), tolerance);
      await session.close();
    });

    it('measures the phases of a run', async () => {
      ascend.configure({ imageMilliseconds: 3 });
      const session = await ascend.backend().open(fixtureModel(), options);
      const { timing } = await session.run(fixturePixels(numbers(9)));
      // 9 images are executed as 8 and 1.
      expect(timing?.compute).toBeGreaterThanOrEqual(27);
      expect(timing?.hostToDevice).toBeGreaterThan(0);
      expect(timing?.deviceToHost).toBeGreaterThanOrEqual(0);
      await session.close();
    });

    it('copies the pixels of the next batch while one computes', async () => {
      // 40 ms of computing a batch, 28 ms of copying its pixels, 8 ms of copying its result: one after the other the device
      // would compute for 53 % of the time, with the pixels copied meanwhile for 83 %.
      ascend.configure({ imageMilliseconds: 10, busGigabytesPerSecond: 0.00025, stubComputation: true });
      const session = await ascend.backend().open(fixtureModel(), { ...options, isolation: 'process' });
      await Promise.all(Array.from({ length: 7 }, () => session.run(fixturePixels(numbers(4)))));
      await session.close();
      const { busyNanoseconds = 0, spanNanoseconds = 1 } =
        ascend.childCounters().find(({ executions }) => executions === 7) ?? {};
      expect(busyNanoseconds / spanNanoseconds).toBeGreaterThan(0.68);
    });

    it('leaves nothing behind in its process', async () => {
      const session = await ascend.backend().open(fixtureModel(), { ...options, isolation: 'process' });
      await expectRight(session, numbers(3));
      await session.close();
      const counters = ascend.childCounters();
      expect(counters.some(({ executions }) => executions > 0)).toBe(true);
      expect(counters.map(held)).toEqual(counters.map(() => ({})));
    });

    it('runs on the device that was chosen, and refuses one that is not there', async () => {
      ascend.configure({ devices: 2 });
      const session = await ascend.backend({ device: 1 }).open(fixtureModel(), options);
      expect(session.device.index).toBe(1);
      await expectRight(session, [1]);
      await session.close();
      await expect(ascend.backend({ device: 2 }).open(fixtureModel(), options)).rejects.toMatchObject({
        code: 'BACKEND_OPEN_FAILED',
        message: expect.stringContaining('There is no device 2: AscendCL sees 2, counted from 0.'),
        details: { policy: 'refuse', devices: 2 },
      });
    });

    const exportFixture = (folder: string) =>
      exportOfflineModel(fixtureModel(), {
        size: options.size,
        outputs: options.outputs,
        tokens: 'all',
        precision: 'fp32',
        soc: 'Ascend910B4',
        batchSizes: [4],
        folder,
        compiler: ascend.simulator.compiler,
      });

    it.each([
      [{ batchSizes: [2] }, "'pixel_values' is [4, 3, 12, 12]"],
      [{ batchSizes: [2, 4] }, 'it was compiled for one batch size, not for 2, 4'],
      [{ outputs: ['last_hidden_state', 'hidden_states.1'] }, 'it has 1 outputs, not'],
      [{ size: { height: 24, width: 6 } }, 'its images are [3, 12, 12], not [3, 24, 6]'],
    ])('refuses an offline model that is not what its manifest says: %j', async (change, problem) => {
      const offlineModel = mkdtempSync(join(ascend.folder, 'changed-'));
      await exportFixture(offlineModel);
      const manifest = join(offlineModel, 'webssl-offline-model.json');
      const changed = { ...JSON.parse(readFileSync(manifest, 'utf8')), ...change };
      writeFileSync(manifest, JSON.stringify(changed));
      const opening = ascend
        .backend({ offlineModel })
        .open(fixtureModel(), { ...options, size: changed.size });
      await expect(opening).rejects.toMatchObject({
        code: 'BACKEND_MODEL_REFUSED',
        message: expect.stringContaining(problem),
      });
      expect(held(ascend.ownCounters())).toEqual({});
    });

    it('keeps nothing of the runs that are done', async () => {
      const session = await ascend.backend().open(fixtureModel(), {
        ...options,
        outputs: fixtureOutputs,
        isolation: 'process',
      });
      const residentBytes = () => {
        const status = readFileSync(`/proc/${session.device.details['processId']}/status`, 'utf8');
        return 1024 * Number(/VmRSS:\s*(\d+)/.exec(status)?.[1]);
      };
      const pixels = fixturePixels(numbers(16));
      const resultBytes = Object.values((await session.run(pixels)).tensors).reduce(
        (sum, tensor) => sum + (tensor?.data.byteLength ?? 0),
        0,
      );
      const run = async (times: number) => {
        for (let time = 0; time < times; time++) await session.run(pixels);
      };
      await run(300);
      const before = residentBytes();
      await run(700);
      expect(residentBytes() - before).toBeLessThan((700 * resultBytes) / 2);
      await session.close();
    });

    it('runs the offline model of a folder, and only that', async () => {
      const offlineModel = join(ascend.folder, 'exported');
      await exportFixture(offlineModel);
      const backend = ascend.backend({ offlineModel, compiler: '/nonexistent/atc' });
      const session = await backend.open(fixtureModel(), options);
      expect(session.batchSizes).toEqual([4]);
      await expectRight(session, numbers(7));
      await session.close();
      await expect(backend.open(fixtureModel(), { ...options, precision: 'fp16' })).rejects.toMatchObject({
        code: 'BACKEND_OFFLINE_MODEL_UNFIT',
      });
    });
  },
);

function numbers(count: number): number[] {
  return Array.from({ length: count }, (_, index) => (index * 5 + count) % 9);
}

async function expectRight(session: BackendSession, images: readonly number[], tolerance = 1e-10) {
  const { tensors } = await session.run(fixturePixels(images));
  const tensor = tensors.last_hidden_state;
  const expected = expectedTensor(images, 'last_hidden_state');
  if (tensor === undefined) throw new Error('There is no last_hidden_state.');
  expect([...tensor.dims]).toEqual([...expected.dims]);
  expect(compareTensors(tensor, expected).nmse).toBeLessThan(tolerance);
}
