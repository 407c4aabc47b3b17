import assert from 'node:assert/strict';
import type { CaseContext, CaseDefinition } from '../case-context.js';
import { fixturePixels } from '../fixture-pixels.js';

/**
 * Largest share of a run that the event loop may be busy. It is 1 where the device computes on the caller's thread, however
 * often that pauses, and below 0.5 where the caller only sends and receives.
 */
const largestUtilization = 0.85;
const attempts = 5;
const many = Array.from({ length: 48 }, (_, index) => index % 9);

export const concurrencyCases: readonly CaseDefinition[] = [
  {
    name: 'overlapping runs are executed first in, first out, and each gets its own result',
    async check(context) {
      const session = await context.open();
      assert.ok(Number.isInteger(session.maxInFlight) && session.maxInFlight >= 1, 'maxInFlight');
      const finished: number[] = [];
      const count = session.maxInFlight + 6;
      await context.within(
        Promise.all(
          Array.from({ length: count }, async (_, index) => {
            const images = Array.from({ length: 1 + ((count - index) % 4) }, (_, row) => (index + row) % 9);
            const result = await session.run(fixturePixels(images));
            finished.push(index);
            context.assertValues(result, images, 'last_hidden_state');
          }),
        ),
        'overlapping runs',
      );
      assert.deepEqual(
        finished,
        [...finished].sort((left, right) => left - right),
        'order of the results',
      );
    },
  },
  {
    name: 'the event loop is free while the device computes',
    async check(context) {
      const session = await context.open();
      await session.run(fixturePixels(many));
      let utilization = 1;
      // Where other programs take the cores, a loop that is about to wait may be kept from it and counts as busy: a loop that is blocked
      // is so each time.
      for (let attempt = 0; attempt < attempts && utilization >= largestUtilization; attempt += 1) {
        const start = performance.eventLoopUtilization();
        for (let repeat = 0; repeat < 5; repeat += 1) await session.run(fixturePixels(many));
        utilization = Math.min(utilization, performance.eventLoopUtilization(start).utilization);
      }
      assert.ok(
        utilization < largestUtilization,
        `the event loop was busy for ${Math.round(utilization * 100)} % of the runs`,
      );
    },
  },
  {
    name: 'several sessions live side by side',
    async check(context) {
      const [everything, classToken] = await openTwo(context);
      const results = await Promise.all([
        everything.run(fixturePixels([0])),
        classToken.run(fixturePixels([1])),
        everything.run(fixturePixels([2])),
        classToken.run(fixturePixels([3])),
      ]);
      context.assertValues(results[0], [0], 'last_hidden_state');
      context.assertValues(results[1], [1], 'last_hidden_state', 'cls');
      context.assertValues(results[2], [2], 'last_hidden_state');
      context.assertValues(results[3], [3], 'last_hidden_state', 'cls');
    },
  },
  {
    name: 'closing one session leaves another alone',
    async check(context) {
      const [first, second] = await openTwo(context);
      const running = second.run(fixturePixels([1, 2]));
      await first.close();
      context.assertValues(await running, [1, 2], 'last_hidden_state', 'cls');
      const result = await second.run(fixturePixels([4]));
      context.assertValues(result, [4], 'last_hidden_state', 'cls');
    },
  },
];

function openTwo(context: CaseContext) {
  return Promise.all([context.open(), context.open({ outputs: ['last_hidden_state'], tokens: 'cls' })]);
}
