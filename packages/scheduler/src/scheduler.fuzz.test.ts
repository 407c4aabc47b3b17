import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Scheduler } from './scheduler.js';
import { ControlledDevice, settled } from './testing/controlled-device.js';

const action = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({ kind: fc.constant('submit' as const), client: fc.nat(3), group: fc.nat(1) }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('abort' as const), which: fc.nat() }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('finish' as const), which: fc.nat() }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('fail' as const), which: fc.nat() }) },
);

interface Item {
  readonly id: number;
  readonly group: number;
  readonly isBad: boolean;
}

test('whatever happens in whatever order: every item has exactly one end, its own, and nothing is left', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(action, { maxLength: 80 }),
      fc.record({ batch: fc.integer({ min: 1, max: 5 }), devices: fc.integer({ min: 1, max: 3 }) }),
      async (actions, { batch, devices }) => {
        const device = new ControlledDevice<Item>();
        const capacity = { batch, devices, batchesInFlight: devices * 2, ahead: batch * 3 };
        const scheduler = new Scheduler<Item, Item, Item>({
          capacity: () => capacity,
          prepare: async (item) => {
            if (item.isBad) throw new Error(`bad ${item.id}`);
            return item;
          },
          run: device.run,
          groupOf: ({ group }) => ({ key: String(group) }),
          limits: { items: 24, bytes: 1e9 },
        });
        const ends: string[] = [];
        const expected: Set<string>[] = [];
        const clients: AbortController[] = [];
        const ended = new Set<number>();
        const end = async (which: number, how: 'finish' | 'fail') => {
          const open = device.batches.map((_, index) => index).filter((index) => !ended.has(index));
          const index = open[which % Math.max(1, open.length)];
          if (index === undefined) return;
          ended.add(index);
          if (how === 'finish') await device.batches[index]?.finish();
          else await device.batches[index]?.fail(new Error('lost'));
        };
        for (const step of actions) {
          if (step.kind === 'submit') {
            const id = clients.length;
            const item = { id, group: step.group, isBad: id % 7 === 6 };
            const client = new AbortController();
            clients.push(client);
            expected.push(
              new Set(
                item.isBad
                  ? [`bad ${id}`, 'QUEUE_FULL', 'gone']
                  : [`value ${id}`, 'lost', 'QUEUE_FULL', 'gone'],
              ),
            );
            scheduler.submit(item, { client: String(step.client), signal: client.signal }).then(
              (result) => {
                ends[id] = `value ${result.id}`;
              },
              (error: Error & { code?: string }) => {
                expect(ends[id]).toBeUndefined();
                ends[id] = error.code ?? error.message;
              },
            );
          } else if (step.kind === 'abort') {
            clients[step.which % Math.max(1, clients.length)]?.abort(new Error('gone'));
          } else {
            await end(step.which, step.kind);
          }
          await settled();
          const { running, batchesRunning, preparing, prepared } = scheduler.state;
          expect(batchesRunning).toBeLessThanOrEqual(capacity.batchesInFlight);
          expect(running).toBeLessThanOrEqual(capacity.batchesInFlight * batch);
          expect(preparing + prepared).toBeLessThanOrEqual(capacity.ahead);
        }
        while (ended.size < device.batches.length) await end(0, 'finish');
        await settled();
        while (ended.size < device.batches.length) await end(0, 'finish');
        expect(ends.length).toBe(clients.length);
        ends.forEach((how, id) => {
          expect(expected[id]).toContain(how);
        });
        for (const sent of device.sent) {
          expect(sent.length).toBeLessThanOrEqual(batch);
          expect(new Set(sent.map(({ group }) => group)).size).toBe(1);
        }
        const sent = device.sent.flat().map(({ id }) => id);
        expect(new Set(sent).size).toBe(sent.length);
        expect(scheduler.state).toMatchObject({
          waiting: 0,
          preparing: 0,
          prepared: 0,
          running: 0,
          held: { items: 0, bytes: 0 },
        });
      },
    ),
    { numRuns: 300 },
  );
});
