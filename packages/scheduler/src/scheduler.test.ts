import { performance } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test, vi } from 'vitest';
import { settled } from './testing/controlled-device.js';
import { controlledScheduler } from './testing/controlled-scheduler.js';

test('a batch is what is waiting when the device gets free', async () => {
  const { device, submit } = controlledScheduler();
  const first = submit('a');
  await settled();
  const later = ['b', 'c', 'd'].map((item) => submit(item));
  await settled();
  expect(device.sent).toEqual([['a']]);

  await device.batches[0]?.finish();
  expect(await first).toBe('a');
  expect(device.sent).toEqual([['a'], ['b', 'c', 'd']]);
  await device.batches[1]?.finish();
  expect(await Promise.all(later)).toEqual(['b', 'c', 'd']);
});

test('a full batch is sent behind the one that runs, one that is not full waits for the device', async () => {
  const { device, submit, scheduler: queue } = controlledScheduler();
  for (const item of 'abcdefghi') void submit(item);
  await settled();
  expect(device.sent.map((batch) => batch.join(''))).toEqual(['a', 'bcde']);
  expect(queue.state).toMatchObject({ batchesRunning: 2, running: 5, prepared: 4, waiting: 0 });
  await device.batches[0]?.finish();
  expect(device.sent.map((batch) => batch.join(''))).toEqual(['a', 'bcde', 'fghi']);
  void submit('j');
  await device.batches[1]?.finish();
  expect(device.sent.length).toBe(3);
  await device.batches[2]?.finish();
  expect(device.sent[3]).toEqual(['j']);
});

test('several devices each get a batch of what there is', async () => {
  const { device, submit } = controlledScheduler({ devices: 3, batchesInFlight: 6 });
  for (const item of 'ab') {
    void submit(item);
    await settled();
  }
  expect(device.sent).toEqual([['a'], ['b']]);
});

test('a batch that is not full waits for more only as long as was asked for', async () => {
  const { device, submit } = controlledScheduler({ maxBatchWait: 50 });
  const started = performance.now();
  void submit('a');
  await settled();
  expect(device.sent).toEqual([]);
  void submit('b');
  await vi.waitFor(() => expect(device.sent).toEqual([['a', 'b']]), { interval: 2 });
  expect(performance.now() - started).toBeGreaterThanOrEqual(49);
  await device.batches[0]?.finish();
  for (const item of 'cdef') void submit(item);
  await settled();
  expect(device.sent[1]).toEqual(['c', 'd', 'e', 'f']);
});

test('only so many items are made ready ahead of the device', async () => {
  const preparing: string[] = [];
  const { submit, scheduler: queue } = controlledScheduler({
    batch: 1,
    ahead: 3,
    prepare: async (item) => {
      preparing.push(item);
      return item;
    },
  });
  for (const item of 'abcdefgh') void submit(item);
  await settled();
  expect(preparing).toEqual(['a', 'b', 'c', 'd', 'e']);
  expect(queue.state).toMatchObject({ running: 2, prepared: 3, waiting: 3 });
});

test('a group may have a batch size of its own', async () => {
  const { device, submit } = controlledScheduler({ groupOf: () => ({ key: 'pairs', batch: 2 }) });
  void submit('a');
  await settled();
  for (const item of 'bcd') void submit(item);
  await settled();
  await device.batches[0]?.finish();
  await device.batches[1]?.finish();
  expect(device.sent.map((batch) => batch.join(''))).toEqual(['a', 'bc', 'd']);
});

test('an item that cannot be made ready takes no other with it', async () => {
  const { device, submit } = controlledScheduler({
    prepare: async (item) => {
      if (item === 'bad') throw new Error('unreadable');
      return item;
    },
  });
  const [good, bad, alsoGood] = ['a', 'bad', 'b'].map((item) => submit(item));
  await expect(bad).rejects.toThrow('unreadable');
  await device.batches[0]?.finish();
  await device.batches[1]?.finish();
  expect(await Promise.all([good, alsoGood])).toEqual(['a', 'b']);
});

test('the error of a batch is that of its items alone', async () => {
  const { device, submit } = controlledScheduler({ batch: 1 });
  const [first, second] = ['a', 'b'].map((item) => submit(item));
  await settled();
  await device.batches[0]?.fail(new Error('device lost'));
  await device.batches[1]?.finish();
  await expect(first).rejects.toThrow('device lost');
  expect(await second).toBe('b');
});

test('a batch that comes back with too few results is an error, not a mix-up', async () => {
  const { submit } = controlledScheduler({ run: async () => [] });
  await expect(submit('a')).rejects.toThrow('came back with 0 results');
});

test.each(['waiting', 'preparing', 'prepared'])(
  'who gives up while the item is %s costs no device time',
  async (stage) => {
    const ahead = stage === 'waiting' ? 0 : 8;
    const {
      device,
      submit,
      scheduler: queue,
    } = controlledScheduler({
      ahead: stage === 'waiting' ? 1 : ahead,
      batch: 1,
      batchesInFlight: 1,
      prepare: (item, signal) =>
        stage === 'preparing' && item === 'b'
          ? new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)))
          : Promise.resolve(item),
    });
    void submit('a');
    await settled();
    if (stage === 'waiting') void submit('prepared ahead');
    await settled();
    const client = new AbortController();
    const abandoned = submit('b', { signal: client.signal });
    await settled();
    client.abort(new Error('gone'));
    await expect(abandoned).rejects.toThrow('gone');
    for (let done = 0; done < 4; done++) {
      await device.batches[done]?.finish();
      await settled();
    }
    expect(device.sent.flat()).not.toContain('b');
    expect(queue.state).toMatchObject({ waiting: 0, preparing: 0, prepared: 0, running: 0 });
    expect(queue.state.held).toEqual({ items: 0, bytes: 0 });
  },
);

test('a batch is aborted when nobody waits for any of its items', async () => {
  const { device, submit } = controlledScheduler();
  const clients = [new AbortController(), new AbortController()];
  void submit('a');
  await settled();
  for (const [index, client] of clients.entries()) void submit(`b${index}`, { signal: client.signal });
  await settled();
  await device.batches[0]?.finish();
  clients[0]?.abort();
  expect(device.batches[1]?.signal.aborted).toBe(false);
  clients[1]?.abort();
  expect(device.batches[1]?.signal.aborted).toBe(true);
});

test('a deadline ends the waiting with DEADLINE_EXCEEDED, also one that has passed before', async () => {
  const { device, submit } = controlledScheduler({ batch: 1, batchesInFlight: 1, ahead: 1 });
  void submit('a');
  await settled();
  await expect(submit('b', { deadline: performance.now() + 20 })).rejects.toMatchObject({
    code: 'DEADLINE_EXCEEDED',
  });
  await expect(submit('c', { deadline: performance.now() - 1 })).rejects.toMatchObject({
    code: 'DEADLINE_EXCEEDED',
  });
  await device.batches[0]?.finish();
  expect(device.sent).toEqual([['a']]);
});

test('a deadline that passes while the batch runs ends the waiting; the others of the batch get their results', async () => {
  const { device, submit, scheduler: queue } = controlledScheduler();
  void submit('first');
  await settled();
  const late = submit('late', { deadline: performance.now() + 20 });
  const patient = submit('patient');
  await device.batches[0]?.finish();
  await expect(late).rejects.toMatchObject({ code: 'DEADLINE_EXCEEDED' });
  expect(device.batches[1]?.signal.aborted).toBe(false);
  expect(queue.state.batchesRunning).toBe(1);
  await device.batches[1]?.finish();
  expect(await patient).toBe('patient');
});

test('no device is given what is too late, though the event loop was too busy for the timer', async () => {
  const { device, submit } = controlledScheduler({ batch: 2, batchesInFlight: 1 });
  void submit('a');
  await settled();
  const late = submit('late', { deadline: performance.now() + 20 });
  void submit('b');
  await settled();
  const until = performance.now() + 40;
  const finished = device.batches[0]?.finish();
  while (performance.now() < until);
  await finished;
  await expect(late).rejects.toMatchObject({ code: 'DEADLINE_EXCEEDED' });
  expect(device.sent).toEqual([['a'], ['b']]);
});

test('hundreds of items may listen to one signal without a warning, and one abort gives them all up', async () => {
  const warnings: Error[] = [];
  const note = (warning: Error) => warnings.push(warning);
  process.on('warning', note);
  const { submit, device } = controlledScheduler();
  const client = new AbortController();
  const results = Array.from({ length: 300 }, (_, item) => submit(`${item}`, { signal: client.signal }));
  await settled();
  client.abort(new Error('gone'));
  for (const result of results) await expect(result).rejects.toThrow('gone');
  process.off('warning', note);
  expect(warnings).toEqual([]);
  expect(device.sent.flat().length).toBeLessThanOrEqual(8);
});

test('closing gives everything up, and later work too', async () => {
  const {
    submit,
    scheduler: queue,
    device,
  } = controlledScheduler({ batch: 1, batchesInFlight: 1, ahead: 1 });
  const results = [...'abc'].map((item) => submit(item));
  await settled();
  queue.close(new Error('shut'));
  for (const result of results) await expect(result).rejects.toThrow('shut');
  await expect(submit('d')).rejects.toThrow('shut');
  expect(device.batches[0]?.signal.aborted).toBe(true);
  await settled();
  expect(device.sent).toEqual([['a']]);
  expect(queue.state).toMatchObject({ waiting: 0, prepared: 0, held: { items: 0, bytes: 0 } });
});

test('what is submitted in a reservation from before the closing is refused too', async () => {
  const { scheduler: queue } = controlledScheduler();
  const held = queue.reserve({ items: 1 });
  queue.close();
  await expect(held.submit('a')).rejects.toMatchObject({ code: 'SCHEDULER_CLOSED' });
  expect(() => queue.reserve({ items: 1 })).toThrow(expect.objectContaining({ code: 'SCHEDULER_CLOSED' }));
});

test.each([
  { maxBatchWait: -1 },
  { maxBatchWait: Number.NaN },
  { limits: { items: 0, bytes: 1 } },
  { limits: { items: 1, bytes: Number.NaN } },
])('%o is refused', (options) => {
  expect(() => controlledScheduler(options)).toThrow(
    expect.objectContaining({ code: 'SCHEDULER_OPTION_INVALID' }),
  );
});

test('what happened to a batch is reported', async () => {
  const onBatch = vi.fn();
  const { submit, device } = controlledScheduler({ onBatch });
  void submit('a');
  await settled();
  await sleep(5);
  await device.batches[0]?.finish();
  expect(onBatch).toHaveBeenCalledOnce();
  expect(onBatch.mock.calls[0]?.[0]).toMatchObject({ items: 1, waits: [expect.any(Number)] });
});
