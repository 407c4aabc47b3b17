import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import type { BackendSession } from '../../contract.js';
import type { CaseDefinition } from '../case-context.js';
import type { ConformanceOptions } from '../conformance-options.js';
import { fixturePixels } from '../fixture-pixels.js';

const many = Array.from({ length: 32 }, (_, index) => index % 9);

export const closingCases: readonly CaseDefinition[] = [
  {
    name: 'closing is idempotent, and tells that it was closed',
    async check(context) {
      const session = await context.open();
      await context.within(Promise.all([session.close(), session.close()]), 'closing twice at once');
      await context.within(session.close(), 'closing again');
      assert.deepEqual(await context.within(session.closed, 'closed'), { kind: 'closed' });
    },
  },
  {
    name: 'an open session has not ended',
    async check(context) {
      const session = await context.open();
      await context.assertUsable(session);
      assert.equal(await Promise.race([session.closed, delay(20, 'open')]), 'open');
    },
  },
  {
    name: 'a run after closing is refused',
    async check(context) {
      const session = await context.open();
      await session.close();
      await context.assertRejects(session.run(fixturePixels([0])), 'BACKEND_CLOSED', 'a run after closing');
    },
  },
  {
    name: 'closing rejects the runs in flight, those that wait too',
    async check(context) {
      const session = await context.open();
      const runs = Array.from({ length: session.maxInFlight + 3 }, () => session.run(fixturePixels(many)));
      const refused = runs.map((run, index) =>
        context.assertRejects(run, 'BACKEND_CLOSED', `run ${index} in flight`),
      );
      await context.within(Promise.all([session.close(), ...refused]), 'closing with runs in flight');
    },
  },
  {
    name: 'closing leaves nothing behind',
    async check(context) {
      // What a first session leaves to the process for good, such as a library's own threads, is no leak.
      await (await context.open()).close();
      const handles = process.getActiveResourcesInfo();
      const threads = countThreads();
      const session = await context.open();
      await context.assertUsable(session);
      const { processId } = session.device.details;
      await session.close();
      await context.eventually(
        () =>
          leftOver(handles).length === 0 &&
          countThreads() <= threads &&
          !(typeof processId === 'number' && isAlive(processId)),
        () =>
          `left behind: handles ${leftOver(handles).join(', ') || 'none'}; ` +
          `threads ${countThreads() - threads}; process ${processId ?? 'none'}`,
      );
    },
  },
];

/** The cases of a device that dies, where the options tell how to kill it. */
export function lossCases(options: ConformanceOptions): readonly CaseDefinition[] {
  const kill = options.kill ?? (options.isolation === 'process' ? killProcess : undefined);
  if (kill === undefined) return [];
  return [
    {
      name: 'a device that dies rejects the runs in flight and tells that it is lost',
      async check(context) {
        const session = await context.open();
        await context.assertUsable(session);
        // The first ones may be done before the device is dead; the last cannot.
        const runs = Array.from({ length: session.maxInFlight + 3 }, () => session.run(fixturePixels(many)));
        const outcomes = Promise.allSettled(runs);
        await kill(session);
        for (const outcome of await context.within(outcomes, 'the runs in flight of a dead device')) {
          if (outcome.status === 'fulfilled') context.assertValues(outcome.value, many, 'last_hidden_state');
          else await context.assertRejects(Promise.reject(outcome.reason), 'BACKEND_LOST', 'a run in flight');
        }
        const last = runs.at(-1) ?? Promise.resolve();
        await context.assertRejects(last, 'BACKEND_LOST', 'the last run in flight');
        const reason = await context.within(session.closed, 'closed');
        assert.equal(reason.kind, 'lost');
        await context.assertRejects(
          session.run(fixturePixels([0])),
          'BACKEND_LOST',
          'a run on a dead device',
        );
        await context.within(session.close(), 'closing a dead session');
        await context.assertUsable(await context.open());
      },
    },
    {
      name: 'an idle device that dies tells that it is lost',
      async check(context) {
        const session = await context.open();
        await kill(session);
        assert.equal((await context.within(session.closed, 'closed')).kind, 'lost');
      },
    },
  ];
}

function killProcess({ device }: BackendSession): void {
  const { processId } = device.details;
  assert.equal(typeof processId, 'number', 'device.details.processId of a session in a process');
  process.kill(Number(processId), 'SIGKILL');
}

/** Kinds of handles that come and go with any program. */
const passing = new Set(['Timeout', 'Immediate', 'TickObject']);

function leftOver(before: readonly string[]): string[] {
  const rest = [...before];
  return process.getActiveResourcesInfo().filter((kind) => {
    const known = rest.indexOf(kind);
    if (known >= 0) rest.splice(known, 1);
    return known < 0 && !passing.has(kind);
  });
}

/** Threads of this process, where the system tells; else 0. */
function countThreads(): number {
  try {
    return readdirSync('/proc/self/task').length;
  } catch {
    return 0;
  }
}

function isAlive(processId: number): boolean {
  try {
    return process.kill(processId, 0);
  } catch {
    return false;
  }
}
