import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { failureOf } from '../testing/refusal.js';
import { clientFor, id, serverOf, untilAborted } from './testing/test-hub.js';

/** Bytes from a server that sends so many at once, then one after the other, each well within the timeout of 250 ms. */
async function tricklingBytes(bytesAtOnce: number): Promise<AsyncIterable<Uint8Array>> {
  const endpoint = await serverOf((_, response) => {
    response.writeHead(200, { 'Content-Length': 2_000_000 }).write(Buffer.alloc(bytesAtOnce, 'x'));
    const drip = setInterval(() => response.write('x'), 20);
    response.once('close', () => clearInterval(drip));
  });
  const client = clientFor(endpoint, { downloadTimeoutMilliseconds: 250 });
  const source = client.source({ id, commit: 'main' }, { path: 'model.safetensors' });
  return (await source.open(undefined, untilAborted())).body;
}

it('bytes that trickle are a problem, also after many that came fast', async () => {
  const body = await tricklingBytes(1_000_000);
  let received = 0;
  const read = async (): Promise<void> => {
    for await (const chunk of body) received += chunk.length;
  };
  expect(await failureOf(read())).toMatchObject({
    name: 'TransferProblem',
    message: expect.stringMatching(/: slower than 1 kB\/s$/),
  });
  expect(received).toBeGreaterThan(1_000_000);
});

it('a reader may be slow where the server is not', async () => {
  const chunks = (await tricklingBytes(1))[Symbol.asyncIterator]();
  // Longer in all than the 1.5 s of waiting after which the rate is looked at.
  for (let pauses = 0; pauses < 4; pauses++) {
    expect((await chunks.next()).done).toBe(false);
    await sleep(500);
  }
  expect((await chunks.next()).done).toBe(false);
  await chunks.return?.();
});
