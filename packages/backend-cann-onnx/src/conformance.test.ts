import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { conformanceCases } from '@webssl/backend/testkit';
import { cannOnnx } from '@webssl/backend-cann-onnx';
import { buildOnnxRuntimeCann } from '@webssl-tooling/ascend-simulator/onnxruntime-cann';
import { afterAll, describe, it } from 'vitest';

const isolations = ['process', 'thread'] as const;

describe.each(isolations)('on the CPU, in a %s', (isolation) => {
  for (const { name, run } of conformanceCases(() => cannOnnx({ provider: 'cpu' }), { isolation })) {
    it(name, run);
  }
});

const built = buildOnnxRuntimeCann();
const reason = 'missing' in built ? ` (not here: ${built.missing})` : '';
const cacheFolder = mkdtempSync(join(tmpdir(), 'webssl-cann-'));
afterAll(() => rmSync(cacheFolder, { recursive: true }));

describe.skipIf('missing' in built).each(isolations)(
  `on the stand-in for CANN${reason}, in a %s`,
  (isolation) => {
    const library = 'missing' in built ? '' : built.library;
    for (const { name, run } of conformanceCases(() => cannOnnx({ library, cacheFolder }), { isolation })) {
      it(name, run);
    }
  },
);
