import { PassThrough } from 'node:stream';
import { setImmediate as turn } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { countBody } from '../http/count-body.js';

it('a body that is refused when nobody reads it any more ends quietly', async () => {
  const body = new PassThrough();
  const refusal = new Error('no room');
  const counted = countBody(
    body,
    {
      holdBytes(bytes) {
        if (bytes > 0) throw refusal;
      },
    },
    undefined,
  );
  body.write('more than was announced');
  // An error event that nobody listens to would end the process, and with it this test run.
  while (!counted.destroyed) await turn();
  await turn();
  expect(counted.errored).toBe(refusal);
});
