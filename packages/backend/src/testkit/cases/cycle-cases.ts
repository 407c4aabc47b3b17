import assert from 'node:assert/strict';
import { setTimeout as delay } from 'node:timers/promises';
import type { CaseContext, CaseDefinition } from '../case-context.js';
import type { ConformanceOptions } from '../conformance-options.js';
import { fixtureModel } from '../fixture-model.js';
import { fixturePixels } from '../fixture-pixels.js';
import { medianSlope } from '../median-slope.js';

/** Fewer samples than these say nothing: a heap that grows once would look like a leak. */
const fewestSamples = 30;
const defaultGrowth = 128 * 1024;
/** What one cycle may take where the machine is slow and busy, in milliseconds. */
const slowestCycle = 1000;

const defaultCycles = { process: 5, thread: 200 };

/** The case of sessions that come and go. */
export function cycleCases(options: ConformanceOptions): readonly CaseDefinition[] {
  const cycles = options.cycles ?? defaultCycles[options.isolation ?? 'thread'];
  return [
    {
      name: 'opening and closing again and again leaves nothing behind, and memory does not grow',
      timeoutMilliseconds: 60_000 + cycles * slowestCycle,
      async check(context) {
        const resident: number[] = [];
        for (let cycle = 0; cycle < cycles; cycle += 1) {
          await openAndClose(context, cycle % 9);
          resident.push(process.memoryUsage.rss());
        }
        assertFlat(resident.slice(cycles / 2), options.growthBytes ?? defaultGrowth);
        if (options.leftovers !== undefined) await assertNothingLeft(context, options.leftovers);
      },
    },
  ];
}

async function openAndClose(context: CaseContext, image: number): Promise<void> {
  // Not one of the context's sessions: it would keep them all.
  const session = await context.backend.open(fixtureModel(), context.openOptions());
  try {
    context.assertValues(await session.run(fixturePixels([image])), [image], 'last_hidden_state');
  } finally {
    await context.within(session.close(), 'closing');
  }
}

function assertFlat(resident: readonly number[], limit: number): void {
  if (resident.length < fewestSamples) return;
  const growth = medianSlope(resident);
  assert.ok(
    growth <= limit,
    `resident memory grows by ${Math.round(growth / 1024)} KiB with each session, more than ${limit / 1024} KiB`,
  );
}

async function assertNothingLeft(
  context: CaseContext,
  leftovers: NonNullable<ConformanceOptions['leftovers']>,
): Promise<void> {
  const look = async () => {
    // A process writes down what it held when it ends.
    for (;;) {
      const left = Object.entries(await leftovers()).filter(([, count]) => count !== 0);
      if (left.length === 0) return;
      seen = left.map(([name, count]) => `${name} ${count}`).join(', ');
      await delay(20);
    }
  };
  let seen = '';
  await context.within(look(), () => `what the closed sessions left behind: ${seen}`);
}
