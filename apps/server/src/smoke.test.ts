import { readFileSync } from 'node:fs';
import { goldenImage } from '@webssl-tooling/fixtures';
import { expect, it } from 'vitest';
import { startTestServer } from './testing/test-server.js';

it('smoke', async () => {
  const server = await startTestServer();
  await server.ready;
  const jpg = readFileSync(goldenImage('rocket.jpg'));
  for (const [path, init] of [
    ['/livez'],
    ['/readyz'],
    ['/info'],
    ['/v1/models'],
    ['/openapi.json'],
    ['/docs'],
    ['/nope'],
    ['/v1/features', { method: 'POST', body: jpg, headers: { 'content-type': 'image/jpeg' } }],
    [
      '/v1/features?features=cls,foo',
      { method: 'POST', body: jpg, headers: { 'content-type': 'image/jpeg' } },
    ],
    [
      '/v1/features',
      { method: 'POST', body: jpg.subarray(0, 3000), headers: { 'content-type': 'image/jpeg' } },
    ],
    [
      '/v1/features',
      {
        method: 'POST',
        body: JSON.stringify({ images: [jpg.toString('base64'), 'AAAA', 'http://localhost/'] }),
        headers: { 'content-type': 'application/json', accept: 'application/x-ndjson' },
      },
    ],
    [
      '/v1/embeddings',
      {
        method: 'POST',
        body: JSON.stringify({
          input: jpg.toString('base64'),
          model: 'vit-tiny-p14',
          encoding_format: 'base64',
        }),
        headers: { 'content-type': 'application/json' },
      },
    ],
    [
      '/v1/embeddings',
      {
        method: 'POST',
        body: JSON.stringify({ input: ['hello world'] }),
        headers: { 'content-type': 'application/json' },
      },
    ],
    ['/v1/embeddings', { method: 'POST', body: '{', headers: { 'content-type': 'application/json' } }],
    ['/v1/embeddings', { method: 'POST', body: 'x', headers: { 'content-type': 'text/plain' } }],
    ['/metrics'],
  ] as [string, RequestInit?][]) {
    const answer = await fetch(server.address + path, init);
    const text = await answer.text();
    console.log(
      path,
      answer.status,
      [...answer.headers]
        .map((h) => h.join('='))
        .join('; ')
        .slice(0, 900),
      '\n',
      text.slice(0, 600),
      text.length,
    );
  }
  await server.close(1000);
  expect(1).toBe(1);
});
