import { setTimeout as delay } from 'node:timers/promises';
import { fixtureModel, fixturePixels } from '@webssl/backend/testkit';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { held, missingSimulator, SimulatedAscend } from './testing/simulated-ascend.js';

const options = { size: { height: 12, width: 12 }, outputs: ['last_hidden_state'] } as const;
const thread = { ...options, isolation: 'thread' } as const;

describe.skipIf(missingSimulator)(
  `faults of the simulator${missingSimulator ? ` (${missingSimulator})` : ''}`,
  () => {
    let ascend: SimulatedAscend;
    beforeAll(async () => {
      ascend = new SimulatedAscend();
      // Compiles the model for all tests.
      await (await ascend.backend().open(fixtureModel(), thread)).close();
    });
    afterEach(() => ascend.configure({}));
    afterAll(() => ascend?.dispose());

    describe('while opening', () => {
      it.each([
        ['aclInit=500000', 'BACKEND_OPEN_FAILED', 'renew'],
        ['aclrtSetDevice=507033', 'BACKEND_LOST', 'renew'],
        ['aclrtSetDevice=207006', 'BACKEND_OPEN_FAILED', 'refuse'],
        ['aclrtCreateContext=507899', 'BACKEND_LOST', 'renew'],
        ['aclrtCreateStream=207008', 'BACKEND_OUT_OF_MEMORY', 'shed'],
        ['aclmdlLoadFromFile=145006', 'BACKEND_MODEL_REFUSED', 'refuse'],
        ['aclmdlLoadFromFile=207001', 'BACKEND_OUT_OF_MEMORY', 'shed'],
        ['aclmdlLoadFromFile=545001', 'BACKEND_MODEL_REFUSED', 'refuse'],
        ['aclmdlLoadFromFile=507054', 'BACKEND_LOST', 'give-up'],
        ['aclmdlGetDesc=145003', 'BACKEND_MODEL_REFUSED', 'refuse'],
        ['aclrtMalloc#2=207001', 'BACKEND_OUT_OF_MEMORY', 'shed'],
        ['aclrtMallocHost#2=207001', 'BACKEND_OUT_OF_MEMORY', 'shed'],
        ['aclmdlAddDatasetBuffer#4=100000', 'BACKEND_OPEN_FAILED', 'refuse'],
        ['aclmdlSetDynamicBatchSize#3=145013', 'BACKEND_MODEL_REFUSED', 'refuse'],
      ])('%s is %s with policy %s, and nothing stays behind', async (faults, code, policy) => {
        const backend = ascend.backend();
        await (await backend.open(fixtureModel(), thread)).close();
        ascend.configure({ faults });
        const [place = '', action] = faults.split('=');
        await expect(backend.open(fixtureModel(), thread)).rejects.toMatchObject({
          code,
          message: expect.stringContaining(`${place.split('#')[0]} failed with ${action}`),
          details: { policy, ascendCode: Number(action) },
        });
        expect(held(ascend.ownCounters())).toEqual({});
        ascend.configure({});
        const session = await backend.open(fixtureModel(), thread);
        await session.run(fixturePixels([1]));
        await session.close();
      });

      it.each(['aclrtMalloc#3=crash', 'aclmdlLoadFromFile=crash', 'aclInit#1=crash'])(
        '%s takes nothing along: the session was in a process of its own',
        async (faults) => {
          const backend = ascend.backend();
          await (await backend.open(fixtureModel(), options)).close();
          ascend.configure({ faults });
          await expect(backend.open(fixtureModel(), options)).rejects.toMatchObject({ code: 'BACKEND_LOST' });
        },
      );

      it('a call that hangs is given up after the deadline', async () => {
        const backend = ascend.backend({ openDeadlineMilliseconds: 500 });
        await (await backend.open(fixtureModel(), options)).close();
        ascend.configure({ faults: 'aclmdlLoadFromFile=hang' });
        await expect(backend.open(fixtureModel(), options)).rejects.toMatchObject({ code: 'BACKEND_LOST' });
      });
    });

    it('a device that fails while it computes gives everything back', async () => {
      const backend = ascend.backend();
      ascend.configure({ faults: 'aclrtQueryEventStatus=507010', imageMilliseconds: 60 });
      const session = await backend.open(fixtureModel(), thread);
      const runs = await Promise.allSettled([1, 2].map((image) => session.run(fixturePixels([image]))));
      expect(runs.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
      await session.close();
      expect(held(ascend.ownCounters())).toEqual({});
    });

    describe('an execution that fails in the middle', () => {
      // By default a stream goes on after it: what the execution before left on the device would be copied back as its result.
      it.each([
        ['that the library can tell to stop there', ''],
        ['that cannot be told to', 'aclrtSetStreamFailureMode#*=207000;'],
      ])('gives no result, of a stream %s', async (_stream, mode) => {
        for (const execution of [1, 2, 3, 4]) {
          const backend = ascend.backend();
          ascend.configure({ faults: `${mode}task.execute#${execution}=507015` });
          const session = await backend.open(fixtureModel(), thread);
          const runs = await Promise.allSettled(
            [1, 2, 3, 4].map((image) => session.run(fixturePixels([image]))),
          );
          runs.forEach((run, index) => {
            if (run.status === 'rejected') expect(run.reason).toMatchObject({ code: 'BACKEND_LOST' });
            else expect(run.value.tensors.last_hidden_state).toEqual(expectedValues[index]);
          });
          // The one before may go with it: what fails first is that the next cannot be enqueued.
          const firstLost = runs.findIndex(({ status }) => status === 'rejected');
          expect([execution - 2, execution - 1]).toContain(firstLost);
          await session.close();
        }
      });

      let expectedValues: unknown[] = [];
      beforeAll(async () => {
        const session = await ascend.backend().open(fixtureModel(), thread);
        expectedValues = [];
        for (const image of [1, 2, 3, 4]) {
          expectedValues.push((await session.run(fixturePixels([image]))).tensors.last_hidden_state);
        }
        await session.close();
      });
    });

    describe('while running', () => {
      it.each([
        ['aclmdlExecuteAsync=207001', 'BACKEND_OUT_OF_MEMORY', 'shed'],
        ['aclrtMallocHost#3=207001', 'BACKEND_OUT_OF_MEMORY', 'shed'],
        ['aclrtMemcpyAsync=107000', 'BACKEND_RUN_FAILED', 'refuse'],
        ['aclrtCreateEvent#2=207007', 'BACKEND_OUT_OF_MEMORY', 'shed'],
        ['aclrtMemcpyAsync#2=107017', 'BACKEND_RUN_FAILED', 'refuse'],
      ])('%s is %s with policy %s, and the session goes on', async (faults, code, policy) => {
        const session = await openWith(faults);
        const runs = [[1, 2], [3], [4, 5, 6]].map((images) => session.run(fixturePixels(images)));
        const [failed, ...others] = await Promise.allSettled(runs);
        expect(failed).toMatchObject({ status: 'rejected', reason: { code, details: { policy } } });
        expect(others.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled']);
        await session.run(fixturePixels([1]));
        await session.close();
        expect(held(ascend.ownCounters())).toEqual({});
      });

      it.each([
        ['task.execute=507015', 507015, 'renew'],
        ['task.execute=507014', 507014, 'renew'],
        ['task.execute=507054', 507054, 'give-up'],
        ['task.copy=507013', 507013, 'renew'],
        ['aclmdlExecuteAsync=507010', 507010, 'renew'],
        ['aclrtMemcpyAsync#2=507899', 507899, 'renew'],
        ['aclrtQueryEventStatus=507010', 507010, 'renew'],
        ['aclrtRecordEvent#2=507056', 507056, 'give-up'],
      ])(
        '%s loses the session with code %i and policy %s, and nothing stays behind',
        async (faults, ascendCode, policy) => {
          const session = await openWith(faults);
          const runs = await Promise.allSettled(
            [1, 2, 3].map((image) => session.run(fixturePixels([image]))),
          );
          expect(runs[0]).toMatchObject({
            status: 'rejected',
            reason: { code: 'BACKEND_LOST', details: { policy, ascendCode } },
          });
          expect(runs.slice(1)).toMatchObject([
            { status: 'rejected', reason: { code: 'BACKEND_LOST' } },
            { status: 'rejected', reason: { code: 'BACKEND_LOST' } },
          ]);
          await expect(session.run(fixturePixels([1]))).rejects.toMatchObject({ code: 'BACKEND_LOST' });
          await session.close();
          expect(held(ascend.ownCounters())).toEqual({});
        },
      );

      it('a device that is silent beyond the deadline is lost', async () => {
        const backend = ascend.backend({ deadlineMilliseconds: 300 });
        await (await backend.open(fixtureModel(), options)).close();
        ascend.configure({ faults: 'task.execute=hang' });
        const session = await backend.open(fixtureModel(), options);
        await expect(session.run(fixturePixels([1]))).rejects.toMatchObject({
          code: 'BACKEND_LOST',
          message: expect.stringContaining('did not finish a batch within 300 ms'),
          details: { policy: 'renew' },
        });
        await session.close();
      });

      it('a call that never comes back is lost, and its process killed', async () => {
        const backend = ascend.backend({ deadlineMilliseconds: 300 });
        await (await backend.open(fixtureModel(), options)).close();
        ascend.configure({ faults: 'aclmdlExecuteAsync=hang' });
        const session = await backend.open(fixtureModel(), options);
        await expect(session.run(fixturePixels([1]))).rejects.toMatchObject({ code: 'BACKEND_LOST' });
        expect((await session.closed).kind).toBe('lost');
      });

      it('a crash is lost, and the next session works', async () => {
        const backend = ascend.backend();
        await (await backend.open(fixtureModel(), options)).close();
        ascend.configure({ faults: 'aclmdlExecuteAsync#2=crash' });
        const session = await backend.open(fixtureModel(), options);
        await session.run(fixturePixels([1]));
        await expect(session.run(fixturePixels([1]))).rejects.toMatchObject({ code: 'BACKEND_LOST' });
        ascend.configure({});
        const next = await backend.open(fixtureModel(), options);
        await next.run(fixturePixels([1]));
        await next.close();
      });

      it('a slow device loses nothing', async () => {
        const session = await openWith('task.execute=delay:400');
        const { timing } = await session.run(fixturePixels([1]));
        expect(timing?.compute).toBeGreaterThanOrEqual(399);
        await session.close();
      });

      /** A session whose opening is not struck: the faults count from then on. */
      async function openWith(faults: string) {
        const backend = ascend.backend();
        ascend.configure({});
        await (await backend.open(fixtureModel(), thread)).close();
        ascend.configure({ faults });
        return backend.open(fixtureModel(), thread);
      }
    });

    describe('an abort', () => {
      it('of the opening at any time leaves nothing behind', async () => {
        const backend = ascend.backend();
        await (await backend.open(fixtureModel(), thread)).close();
        ascend.configure({
          faults: 'aclrtSetDevice=delay:30;aclmdlLoadFromFile=delay:30;aclrtMalloc=delay:30',
        });
        for (const milliseconds of [1, 20, 40, 60, 80, 100, 120, 140]) {
          const opening = backend.open(fixtureModel(), {
            ...thread,
            signal: AbortSignal.timeout(milliseconds),
          });
          await opening.then(
            (session) => session.close(),
            (error: unknown) => expect(error).toMatchObject({ code: 'BACKEND_ABORTED' }),
          );
        }
        for (let wait = 0; wait < 100 && Object.keys(held(ascend.ownCounters())).length > 0; wait += 1)
          await delay(20);
        expect(held(ascend.ownCounters())).toEqual({});
      });

      it('of runs at any time leaves the session usable and nothing behind', async () => {
        ascend.configure({ imageMilliseconds: 5 });
        const session = await ascend.backend().open(fixtureModel(), thread);
        const images = Array.from({ length: 33 }, (_, index) => index % 9);
        let aborted = 0;
        for (const milliseconds of [0, 1, 3, 10, 20, 40]) {
          const runs = [1, 2, 3].map(() =>
            session.run(fixturePixels(images), { signal: AbortSignal.timeout(milliseconds) }),
          );
          // Where a busy machine lets the timers come late, a run may have ended before.
          for (const run of await Promise.allSettled(runs)) {
            if (run.status === 'fulfilled') continue;
            expect(run.reason).toMatchObject({ code: 'BACKEND_ABORTED' });
            aborted += 1;
          }
        }
        expect(aborted).toBeGreaterThan(0);
        await session.run(fixturePixels([1]));
        await session.close();
        expect(held(ascend.ownCounters())).toEqual({});
      });
    });
  },
);
