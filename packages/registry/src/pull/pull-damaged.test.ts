import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { generatedBytes } from '@webssl-tooling/hub-double';
import { expect, it } from 'vitest';
import { refusalOf } from '../testing/refusal.js';
import { hubOf, id, isSame, modelOf, openCase } from './testing/pull-case.js';

const bytes = 3_000_000;
const offset = 1_234_567;
const seed = 9;
const alter = { on: 'cdn', fault: { kind: 'alter', offset } } as const;
const truth = generatedBytes(seed, 0, bytes);

it('bytes that are altered once are told, put aside and fetched again', async () => {
  const pulled = await openCase(hubOf(modelOf(bytes, seed), { faults: [alter] }));
  const { folder } = await pulled.pull();
  expect(await isSame(join(folder, 'model.safetensors'), truth)).toBe(true);
  const [rejected, ...more] = pulled.told('rejected');
  expect(more).toEqual([]);
  const { etag } = await pulled.hub.describe(id, 'model.safetensors');
  expect(rejected).toMatchObject({ path: 'model.safetensors', expected: etag });
  expect(rejected?.actual).toMatch(/^[0-9a-f]{64}$/);
  expect(rejected?.actual).not.toBe(etag);
  expect(pulled.hub.bytesSent({ host: 'cdn' })).toBe(2 * bytes);
  // What was put aside is of no use now.
  expect(existsSync(rejected?.rejectedFile ?? '')).toBe(false);
  expect(pulled.told('verified').map(({ path }) => path)).toContain('model.safetensors');
});

it('bytes that are altered every time are an error that tells what was expected and what came, and is kept', async () => {
  const faults = [{ ...alter, times: Number.POSITIVE_INFINITY }];
  const pulled = await openCase(hubOf(modelOf(bytes, seed), { faults }));
  const error = await refusalOf(pulled.pull());
  const { etag } = await pulled.hub.describe(id, 'model.safetensors');
  expect(error.code).toBe('HUB_CHECKSUM_MISMATCH');
  const { expected, actual, rejectedFile } = error.details;
  expect(expected).toBe(etag);
  expect(error.message).toContain(String(expected));
  expect(error.message).toContain(String(actual));
  expect(pulled.told('rejected')).toHaveLength(2);
  const kept = await readFile(String(rejectedFile));
  const altered = Buffer.from(truth);
  altered[offset] = (altered[offset] ?? 0) ^ 0xff;
  expect(Buffer.compare(kept, altered)).toBe(0);
  expect(await pulled.visible()).toEqual([]);
  expect(pulled.told('verified').map(({ path }) => path)).not.toContain('model.safetensors');
  expect(existsSync(await pulled.blob('model.safetensors'))).toBe(false);

  pulled.hub.setFaults([]);
  const { folder } = await pulled.pull();
  expect(await isSame(join(folder, 'model.safetensors'), truth)).toBe(true);
  expect(existsSync(String(rejectedFile))).toBe(false);
});

it('a small file is held to the id that Git gives it', async () => {
  const fault = { kind: 'alter', offset: 1 } as const;
  const faults = [
    { on: 'hub', path: '/config.json', method: 'GET', fault, times: Number.POSITIVE_INFINITY } as const,
  ];
  const pulled = await openCase(hubOf(modelOf(bytes, seed), { faults }));
  const error = await refusalOf(pulled.pull());
  expect(error.code).toBe('HUB_CHECKSUM_MISMATCH');
  expect(error.details['expected']).toBe((await pulled.hub.describe(id, 'config.json')).etag);
  expect(pulled.hub.bytesSent({ host: 'cdn' })).toBe(0);
});

it('a page that a captive portal puts in the place of a file is no part of the model', async () => {
  const fault = { kind: 'status', status: 200, body: '<html>Log in</html>' } as const;
  const faults = [{ on: 'cdn', fault, times: Number.POSITIVE_INFINITY } as const];
  const pulled = await openCase(hubOf(modelOf(bytes, seed), { faults }));
  expect((await refusalOf(pulled.pull())).code).toBe('HUB_SIZE_MISMATCH');
  pulled.hub.setFaults([]);
  const { folder } = await pulled.pull();
  expect(await isSame(join(folder, 'model.safetensors'), truth)).toBe(true);
});
