import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { fixtureModel, fixtureParts } from '@webssl/backend/testkit';
import { inspectGraph } from '@webssl/graph';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { writeFixture } from './fixture.mjs';

const committed = fileURLToPath(new URL('../../../packages/backend/fixture', import.meta.url));
let fresh: string;

beforeAll(async () => {
  fresh = await mkdtemp(join(tmpdir(), 'testkit-fixture-'));
  await writeFixture(fresh);
});

afterAll(() => rm(fresh, { recursive: true }));

it('the committed fixture is what its script writes now', async () => {
  const files = (await readdir(fresh, { recursive: true, withFileTypes: true }))
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(fresh.length + 1));

  expect(files.length).toBeGreaterThan(20);
  const advice = 'the graphs have changed: pnpm --filter @webssl-tooling/testkit-fixture generate';
  for (const file of files) {
    const [then, now] = await Promise.all([committed, fresh].map((folder) => readFile(join(folder, file))));
    if (file.endsWith('.json')) expect(JSON.parse(String(then)), file).toEqual(JSON.parse(String(now)));
    else expect(then?.equals(now ?? new Uint8Array()), `${file}: ${advice}`).toBe(true);
  }
  expect((await readdir(join(committed, 'graphs'))).length).toBe(
    (await readdir(join(fresh, 'graphs'))).length,
  );
});

it('every part of the fixture says how many bytes of weights its graph uses', async () => {
  for (const part of fixtureParts) {
    const { bytes, weightBytes } = await fixtureModel().onnx(part);
    const used = inspectGraph(bytes).weights.reduce((sum, { byteLength }) => sum + byteLength, 0);
    expect(weightBytes, part.file).toBe(used);
  }
});
