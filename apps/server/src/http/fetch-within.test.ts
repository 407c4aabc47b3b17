import { performance } from 'node:perf_hooks';
import { expect, test } from 'vitest';
import { fetchWithin } from './fetch-within.js';

const endless = (signal: AbortSignal) =>
  new Promise<never>((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)));

const scope = (milliseconds: number, signal = new AbortController().signal) => ({
  signal,
  deadline: performance.now() + milliseconds,
});

test('a fetch ends with the deadline of its request, and is told so', async () => {
  await expect(fetchWithin(scope(20), endless)).rejects.toMatchObject({ code: 'DEADLINE_EXCEEDED' });
  await expect(fetchWithin(scope(-5), endless)).rejects.toMatchObject({ code: 'DEADLINE_EXCEEDED' });
});

test('a fetch ends when the client has gone', async () => {
  const client = new AbortController();
  const fetched = fetchWithin(scope(60_000, client.signal), endless);
  client.abort(new Error('gone'));
  await expect(fetched).rejects.toThrow('gone');
});

test('what was fetched in time is given, and nothing goes on', async () => {
  let given: AbortSignal | undefined;
  const fetched = await fetchWithin(scope(30), async (signal) => {
    given = signal;
    return 'image';
  });
  expect(fetched).toBe('image');
  await new Promise((resolve) => setTimeout(resolve, 60));
  expect(given?.aborted).toBe(false);
});
