import { setTimeout as sleep } from 'node:timers/promises';
import fc from 'fast-check';
import { expect, test, vi } from 'vitest';
import { settled } from './testing/controlled-device.js';
import { controlledScheduler } from './testing/controlled-scheduler.js';

const byFirstLetter = (item: string) => ({ key: item[0] as string });

test('clients take turns: one with many items does not hold up one with few', async () => {
  const { device, submit } = controlledScheduler({ batch: 1, batchesInFlight: 1, ahead: 1 });
  for (let item = 0; item < 20; item++) void submit(`bulk ${item}`, { client: 'bulk' });
  void submit('single', { client: 'other' });
  for (let done = 0; done < 5; done++) {
    await settled();
    await device.batches[done]?.finish();
  }
  expect(device.sent.flat()).toContain('single');
});

test('items of different groups never share a batch', async () => {
  const { device, submit } = controlledScheduler({ groupOf: (item) => ({ key: item[0] as string }) });
  void submit('x0');
  await settled();
  for (const item of ['x1', 'y1', 'x2', 'y2']) void submit(item);
  for (let done = 0; done < 3; done++) {
    await settled();
    await device.batches[done]?.finish();
  }
  expect(device.sent).toEqual([['x0'], ['x1', 'x2'], ['y1', 'y2']]);
});

test('who has one item overtakes what is ready of a client with many', async () => {
  const { device, submit } = controlledScheduler({ batch: 2, batchesInFlight: 1, ahead: 8 });
  for (let item = 0; item < 5; item++) void submit(`bulk ${item}`, { client: 'bulk' });
  await settled();
  void submit('single', { client: 'other' });
  await settled();
  await device.batches[0]?.finish();
  expect(device.sent).toEqual([['bulk 0'], ['bulk 1', 'single']]);
});

test('three clients with many items each get a third of every batch', async () => {
  const { device, submit } = controlledScheduler({ batch: 6, batchesInFlight: 1, ahead: 12 });
  void submit('first');
  await settled();
  for (const client of ['a', 'b', 'c']) {
    for (let item = 0; item < 20; item++) void submit(client, { client });
  }
  for (let done = 0; done < 6; done++) {
    await settled();
    await device.batches[done]?.finish();
  }
  // The first of them took every place there was to make ready before the others came.
  for (const batch of device.sent.slice(3, 6)) expect([...batch].sort().join('')).toBe('aabbcc');
});

test('what a client gave up does not count against it', async () => {
  const { device, submit } = controlledScheduler({ batch: 1, batchesInFlight: 1, ahead: 30 });
  for (let item = 0; item < 10; item++) void submit(`bulk ${item}`, { client: 'bulk' });
  const gone = new AbortController();
  for (let item = 0; item < 10; item++) void submit('gone', { client: 'fickle', signal: gone.signal });
  await settled();
  gone.abort();
  void submit('back', { client: 'fickle' });
  await settled();
  await device.batches[0]?.finish();
  await device.batches[1]?.finish();
  expect(device.sent.flat()).toEqual(['bulk 0', 'bulk 1', 'back']);
});

test('a group with one item is not starved by one that always has a full batch', async () => {
  const { device, submit } = controlledScheduler({ groupOf: byFirstLetter });
  for (let item = 0; item < 40; item++) void submit('many', { client: 'bulk' });
  await settled();
  void submit('few', { client: 'other' });
  for (let done = 0; done < 4; done++) {
    await settled();
    await device.batches[done]?.finish();
  }
  expect(device.sent.flat()).toContain('few');
});

test('nor when both are of one client, and another client always has items of the large group', async () => {
  const { device, submit } = controlledScheduler({ groupOf: byFirstLetter, ahead: 12 });
  void submit('first');
  await settled();
  void submit('few', { client: 'mixed' });
  for (let item = 0; item < 40; item++) {
    void submit('many', { client: 'mixed' });
    void submit('many', { client: 'bulk' });
  }
  for (let done = 0; done < 4; done++) {
    await settled();
    await device.batches[done]?.finish();
  }
  expect(device.sent.flat()).toContain('few');
});

test('a batch that cannot grow, because other groups have all places, does not wait', async () => {
  const { device, submit } = controlledScheduler({ groupOf: byFirstLetter, ahead: 4, maxBatchWait: 60_000 });
  for (const item of ['a1', 'b1', 'c1']) void submit(item);
  await settled();
  expect(device.sent).toEqual([]);
  void submit('d1');
  await settled();
  expect(device.sent).toEqual([['a1']]);
});

test('a full batch uses the free device while another group waits for more', async () => {
  const { device, submit } = controlledScheduler({
    groupOf: byFirstLetter,
    batch: 2,
    batchesInFlight: 1,
    maxBatchWait: 200,
  });
  for (const item of ['a1', 'b1', 'b2']) void submit(item);
  await settled();
  expect(device.sent).toEqual([['b1', 'b2']]);
  await sleep(250);
  await device.batches[0]?.finish();
  expect(device.sent).toEqual([['b1', 'b2'], ['a1']]);
});

test('each group waits for more no longer than was asked for, whichever began first', async () => {
  const { device, submit } = controlledScheduler({
    groupOf: byFirstLetter,
    devices: 2,
    batchesInFlight: 2,
    maxBatchWait: 80,
  });
  void submit('b1', { client: 'bulk' });
  void submit('b2', { client: 'bulk' });
  await sleep(50);
  void submit('a1', { client: 'other' });
  await vi.waitFor(() => expect(device.sent).toEqual([['b1', 'b2']]), { interval: 2 });
  await vi.waitFor(() => expect(device.sent).toEqual([['b1', 'b2'], ['a1']]), { interval: 2 });
});

test('under any load that never ends, every item is sent within a bounded number of batches', async () => {
  const arrival = fc.record({ client: fc.nat(3), group: fc.constantFrom('a', 'b', 'c') });
  await fc.assert(
    fc.asyncProperty(
      fc.array(arrival, { minLength: 1, maxLength: 12 }),
      fc.integer({ min: 1, max: 4 }),
      fc.integer({ min: 1, max: 2 }),
      async (arrivals, batch, devices) => {
        const ahead = batch * devices + 2;
        const { device, submit } = controlledScheduler({
          groupOf: byFirstLetter,
          batch,
          devices,
          batchesInFlight: devices * 2,
          ahead,
        });
        arrivals.forEach(({ client, group }, index) => {
          void submit(`${group} ${index}`, { client: String(client) });
        });
        let stranger = 0;
        // As many new items as are sent, each of a client that has not been seen before.
        for (let done = 0; done < arrivals.length * (ahead + 2); done++) {
          for (let more = 0; more < batch; more++) void submit('z', { client: `stranger ${stranger++}` });
          await settled();
          await device.batches[done]?.finish();
        }
        const sent = new Set(device.sent.flat());
        arrivals.forEach(({ group }, index) => {
          expect(sent).toContain(`${group} ${index}`);
        });
      },
    ),
    { numRuns: 60 },
  );
});
