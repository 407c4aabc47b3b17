import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { conformanceCases } from '@webssl/backend/testkit';
import { cannOnnx } from '@webssl/backend-cann-onnx';
import { buildOnnxRuntimeCann } from '@webssl-tooling/ascend-simulator/onnxruntime-cann';
import { afterAll, describe, it } from 'vitest';

const isolations = ['process', 'thread'] as const;

describe('on the CPU, in a thread', () => {
  // Sessions on the stand-in come and go more often, and in a process too: they have more to free.
  const cases = conformanceCases(() => cannOnnx({ provider: 'cpu' }), { isolation: 'thread', cycles: 5 });
  for (const { name, run, timeoutMilliseconds } of cases) it(name, run, timeoutMilliseconds);
});

const built = buildOnnxRuntimeCann();
const reason = 'missing' in built ? ` (not here: ${built.missing})` : '';
const cacheFolder = mkdtempSync(join(tmpdir(), 'webssl-cann-'));
/** Working folders of sessions: one that has ended leaves none in the cache. */
const workingFolders = () =>
  readdirSync(cacheFolder, { recursive: true, encoding: 'utf8' }).filter((name) =>
    /^[^/]+\/running-[^/]+$/.test(name),
  ).length;
/** Koffi keeps about 190 KiB of every thread that has loaded it. */
const leftByKoffi = 320 * 1024;
afterAll(() => rmSync(cacheFolder, { recursive: true }));

describe.skipIf('missing' in built).each(isolations)(
  `on the stand-in for CANN${reason}, in a %s`,
  (isolation) => {
    const library = 'missing' in built ? '' : built.library;
    const cases = conformanceCases(() => cannOnnx({ library, cacheFolder }), {
      isolation,
      growthBytes: leftByKoffi,
      leftovers: async () => ({ workingFolders: workingFolders() }),
    });
    for (const { name, run, timeoutMilliseconds } of cases) it(name, run, timeoutMilliseconds);
  },
);
