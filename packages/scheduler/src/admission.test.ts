import { expect, test } from 'vitest';
import { Scheduler } from './scheduler.js';
import { ControlledDevice, settled } from './testing/controlled-device.js';

function queue(limits: { items: number; bytes: number }) {
  const device = new ControlledDevice<string>();
  const scheduler = new Scheduler<string, string, string>({
    capacity: () => ({ batch: 1, devices: 1, batchesInFlight: 1, ahead: 1 }),
    prepare: async (item) => item,
    run: device.run,
    limits,
  });
  return { scheduler, device };
}

test('a request is taken whole or not at all', () => {
  const { scheduler } = queue({ items: 8, bytes: 1000 });
  scheduler.reserve({ items: 6, bytes: 10 }, 'a');
  expect(() => scheduler.reserve({ items: 3, bytes: 10 }, 'b')).toThrow(/holds 6 of 8 items/);
  expect(scheduler.state.held).toEqual({ items: 6, bytes: 10 });
  scheduler.reserve({ items: 2, bytes: 10 }, 'b');
});

test('bytes are limited as items are', () => {
  const { scheduler } = queue({ items: 100, bytes: 1000 });
  const held = scheduler.reserve({ items: 1, bytes: 700 }, 'a');
  expect(() => scheduler.reserve({ items: 1, bytes: 301 }, 'b')).toThrow(/bytes/);
  held.release();
  held.release();
  expect(scheduler.state.held).toEqual({ items: 0, bytes: 0 });
  scheduler.reserve({ items: 1, bytes: 301 }, 'b');
});

test('a request that grows is refused without losing what it had', () => {
  const { scheduler } = queue({ items: 8, bytes: 1000 });
  const held = scheduler.reserve({ items: 1, bytes: 100 }, 'a');
  expect(() => held.grow({ items: 6 })).toThrow(/at most 6 for one client/);
  expect(() => held.grow({ bytes: 800 })).toThrow(/never holds 800 bytes/);
  expect(scheduler.state.held).toEqual({ items: 1, bytes: 100 });
});

test('one client leaves a quarter of the queue to others', () => {
  const { scheduler } = queue({ items: 8, bytes: 1000 });
  scheduler.reserve({ items: 6 }, 'bulk');
  expect(() => scheduler.reserve({ items: 1 }, 'bulk')).toThrow(
    expect.objectContaining({ code: 'QUEUE_FULL', details: expect.objectContaining({ client: true }) }),
  );
  scheduler.reserve({ items: 2 }, 'other');
});

test('what never fits is told so, and not to try again', () => {
  const { scheduler } = queue({ items: 8, bytes: 1000 });
  expect(() => scheduler.reserve({ items: 7 })).toThrow(expect.objectContaining({ code: 'QUEUE_TOO_SMALL' }));
});

test('an item leaves the queue when the device takes it; places that are not used come back', async () => {
  const { scheduler, device } = queue({ items: 4, bytes: 1000 });
  const held = scheduler.reserve({ items: 3, bytes: 30 }, 'a');
  const results = ['x', 'y'].map((item) => held.submit(item));
  await settled();
  expect(scheduler.state.held).toEqual({ items: 2, bytes: 30 });
  await device.batches[0]?.finish();
  expect(scheduler.state.held.items).toBe(1);
  await device.batches[1]?.finish();
  expect(await Promise.all(results)).toEqual(['x', 'y']);
  held.release();
  expect(scheduler.state.held).toEqual({ items: 0, bytes: 0 });
  expect(() => held.submit('z')).toThrow(RangeError);
});

test('how long to wait comes from how fast the device is', async () => {
  let now = 0;
  const { scheduler } = queue({ items: 40, bytes: 1000 });
  const slow = new Scheduler<number, number, number>({
    capacity: () => ({ batch: 1, devices: 1, batchesInFlight: 1, ahead: 1 }),
    prepare: async (item) => item,
    run: async (items) => {
      const until = performance.now() + 100;
      while (performance.now() < until) now++;
      return items;
    },
    limits: { items: 40, bytes: 1000 },
  });
  for (let item = 0; item < 3; item++) await slow.submit(item);
  expect(now).toBeGreaterThan(0);
  slow.reserve({ items: 20 }, 'a');
  slow.reserve({ items: 20 }, 'b');
  let details: Readonly<Record<string, unknown>> = {};
  try {
    slow.reserve({ items: 20 }, 'c');
  } catch (error) {
    details = (error as { details: typeof details }).details;
  }
  // Twenty items at a tenth of a second each, or more where the machine is busy.
  expect(details['retryAfterSeconds']).toBeGreaterThanOrEqual(2);
  expect(details['retryAfterSeconds']).toBeLessThan(20);
  expect(() => scheduler.reserve({ items: 31 })).toThrow();
});
