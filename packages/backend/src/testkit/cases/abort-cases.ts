import assert from 'node:assert/strict';
import { getEventListeners } from 'node:events';
import { setTimeout as delay, setImmediate as nextTurn } from 'node:timers/promises';
import type { RunResult } from '../../contract.js';
import type { CaseContext, CaseDefinition } from '../case-context.js';
import { countingModel } from '../counting-model.js';
import { fixtureModel } from '../fixture-model.js';
import { fixturePixels } from '../fixture-pixels.js';

/** "At once" in turns of the event loop. */
const promptTurns = 3;
const many = Array.from({ length: 32 }, (_, index) => index % 9);

export const abortCases: readonly CaseDefinition[] = [
  {
    name: 'a run with an aborted signal is refused',
    async check(context) {
      const session = await context.open();
      const run = session.run(fixturePixels([0]), { signal: AbortSignal.abort() });
      await context.assertRejects(run, 'BACKEND_ABORTED', 'a run with an aborted signal');
      await context.assertUsable(session);
    },
  },
  {
    name: 'an abort rejects the run at once, and the session stays usable',
    async check(context) {
      const session = await context.open();
      const controller = new AbortController();
      const run = session.run(fixturePixels(many), { signal: controller.signal });
      controller.abort();
      await assertPrompt(context, run);
      await context.assertUsable(session);
    },
  },
  {
    name: 'an abort while the device computes rejects the run at once, and the session stays usable',
    async check(context) {
      const session = await context.open();
      // A device may be done before the abort: then the batch was too small to tell.
      for (const repeats of [1, 4, 16, 64]) {
        const controller = new AbortController();
        const images = Array.from({ length: repeats }, () => many).flat();
        let settled = false;
        const run = session.run(fixturePixels(images), { signal: controller.signal });
        const watched = run.then(done, done);
        function done() {
          settled = true;
        }
        await Promise.race([delay(5), watched]);
        controller.abort();
        if (settled) continue;
        await assertPrompt(context, run);
        break;
      }
      await context.assertUsable(session);
    },
  },
  {
    name: 'an abort of a waiting run leaves the runs around it alone',
    async check(context) {
      const session = await context.open();
      const controller = new AbortController();
      const order: string[] = [];
      const before = session.run(fixturePixels(many)).finally(() => order.push('before'));
      const aborted = session.run(fixturePixels([1]), { signal: controller.signal });
      const rejected = aborted.catch(() => order.push('aborted'));
      const after = session.run(fixturePixels([2, 3]));
      controller.abort();
      await context.within(rejected, 'the aborted run');
      context.assertValues(await context.within(before, 'the run before'), many, 'last_hidden_state');
      context.assertValues(await context.within(after, 'the run after'), [2, 3], 'last_hidden_state');
      assert.deepEqual(order, ['aborted', 'before'], 'the aborted run waited for the run before it');
      await context.assertRejects(aborted, 'BACKEND_ABORTED', 'the aborted run');
    },
  },
  {
    name: 'an abort after a run does nothing, and no listener stays on the signal',
    async check(context) {
      const controller = new AbortController();
      const { signal } = controller;
      const session = await context.open({ signal });
      assert.equal(getEventListeners(signal, 'abort').length, 0, 'listeners after opening');
      const result = await session.run(fixturePixels([0]), { signal });
      await session.run({ data: new Float32Array(1), dims: [1, 3, 12, 12] }, { signal }).catch(() => {});
      assert.equal(getEventListeners(signal, 'abort').length, 0, 'listeners after the runs');
      controller.abort();
      context.assertValues(result, [0], 'last_hidden_state');
      await context.assertUsable(session);
    },
  },
  {
    name: 'opening with an aborted signal is refused, and builds nothing',
    async check(context) {
      const { model, asked } = countingModel(fixtureModel());
      const opening = context.open({ signal: AbortSignal.abort() }, model);
      await context.assertRejects(opening, 'BACKEND_ABORTED', 'opening with an aborted signal');
      assert.equal(asked(), 0, 'graphs asked for');
    },
  },
  {
    name: 'an abort while opening ends the opening',
    async check(context) {
      for (const milliseconds of [0, 5, 20]) {
        const controller = new AbortController();
        const opening = context.open({ signal: controller.signal });
        const guarded = opening.then(
          () => 'opened',
          () => 'refused',
        );
        await Promise.race([delay(milliseconds), guarded]);
        const opened = (await Promise.race([guarded, nextTurn('open')])) === 'opened';
        controller.abort();
        if (opened) continue;
        await context.assertRejects(opening, 'BACKEND_ABORTED', `an abort after ${milliseconds} ms`);
      }
      await context.assertUsable(await context.open());
    },
  },
];

/** Fails unless the run rejects within a few turns of the event loop. */
async function assertPrompt(context: CaseContext, run: Promise<RunResult>): Promise<void> {
  let settled = false;
  run.catch(() => {
    settled = true;
  });
  for (let turn = 0; turn < promptTurns; turn += 1) await nextTurn();
  assert.ok(settled, 'the run did not reject at once');
  await context.assertRejects(run, 'BACKEND_ABORTED', 'the aborted run');
}
