import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { ModelSource, OnnxModel } from '@webssl/backend';
import { fixtureModel, fixtureOutputs } from '@webssl/backend/testkit';
import { createModelSource } from '@webssl/graph';
import { openCheckpoint } from '@webssl/registry';
import { buildAscendSimulator, type SimulatorConfiguration } from '@webssl-tooling/ascend-simulator';
import { goldenCheckpoint } from '@webssl-tooling/fixtures';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { hashFile } from './hash-file.js';
import { type OfflineModelRequest, offlineModelFor } from './offline-model-for.js';
import { refusal } from './testing/refusal.js';
import { fixturePlan } from './testing/requests.js';
import { temporaryFolder } from './testing/temporary-folder.js';

const built = buildAscendSimulator();
const why = 'missing' in built ? ` (not here: ${built.missing})` : '';
afterEach(() => vi.unstubAllEnvs());

describe.skipIf('missing' in built)(`with the compiler of the simulator${why}`, () => {
  function setUp(configuration: SimulatorConfiguration = {}): OfflineModelRequest {
    if ('missing' in built) throw new Error(built.missing);
    for (const [name, value] of Object.entries(built.simulator.environment(configuration)))
      vi.stubEnv(name, value);
    return { ...fixturePlan, cacheFolder: temporaryFolder(), compiler: built.simulator.compiler };
  }

  it.each([
    { precision: 'fp32', batchSizes: [1, 4, 8, 16] },
    { precision: 'fp32', batchSizes: [4] },
    { precision: 'fp16', batchSizes: [1] },
    { precision: 'mixed', batchSizes: [1, 2] },
    { soc: 'Ascend310P3', tokens: 'all' },
    { soc: 'Ascend910_9391', tokens: 'patches' },
    { outputs: fixtureOutputs, tokens: 'all' },
    { outputs: ['hidden_states.2', 'attentions.0'], tokens: 'all' },
  ] as const)('compiles %j', async (change) => {
    const { folder, manifest } = await offlineModelFor(fixtureModel(), { ...setUp(), ...change });
    expect(manifest.outputs.toSorted()).toEqual((change.outputs ?? fixturePlan.outputs).toSorted());
    expect(readdirSync(join(folder, 'weight')).length).toBeGreaterThan(10);
    for (const { path, ...expected } of manifest.files) {
      expect(await hashFile(join(folder, path))).toEqual(expected);
    }
  });

  it('compiles a checkpoint in shards', async () => {
    const source = createModelSource(await openCheckpoint(goldenCheckpoint('vit-tiny-sharded')));
    const size = source.describe().imageSize;
    const { folder, manifest } = await offlineModelFor(source, { ...setUp(), size });
    expect(statSync(join(folder, manifest.offlineModel)).size).toBeGreaterThan(256);
  });

  it('is told what it refuses', async () => {
    const request = setUp();
    const unknown = await refusal(offlineModelFor(fixtureModel(), { ...request, soc: 'Ascend911' }));
    expect(unknown).toMatchObject({ code: 'BACKEND_COMPILE_FAILED', details: { kind: 'soc-unknown' } });
    const newer = changed(fixtureModel(), (model) => ({ ...model, bytes: withOperatorSet(model.bytes, 23) }));
    const refused = await refusal(offlineModelFor(newer, request));
    expect(refused.details['kind']).toBe('operator-set-unsupported');
  });

  it.each([
    ['fail', 'internal'],
    ['half-output', 'killed'],
    ['truncated', 'result-unusable'],
  ] as const)('is found out when it does %s', async (compilerFault, kind) => {
    const error = await refusal(offlineModelFor(fixtureModel(), setUp({ compilerFault })));
    expect(error).toMatchObject({ code: 'BACKEND_COMPILE_FAILED', details: { kind } });
  });

  it('is ended while it hangs', async () => {
    const abort = new AbortController();
    const request = { ...setUp({ compilerFault: 'hang' }), signal: abort.signal };
    const onCompilerLine = () => abort.abort();
    const error = await refusal(offlineModelFor(fixtureModel(), { ...request, onCompilerLine }));
    expect(error.code).toBe('BACKEND_ABORTED');
  });
});

function changed(source: ModelSource, change: (model: OnnxModel) => OnnxModel): ModelSource {
  return { ...source, onnx: async (part) => change(await source.onnx(part)) };
}

/** The model with another version of the standard operator set, 15 in the graphs of this project. */
function withOperatorSet(bytes: Uint8Array, version: number): Uint8Array {
  // Field 8 of ModelProto: an OperatorSetIdProto with the version, 15, as field 2.
  const known = [0x10, 15];
  const at = Buffer.from(bytes).lastIndexOf(Buffer.from(known));
  if (at < 0) throw new Error('the graph has no operator set 15');
  const edited = bytes.slice();
  edited[at + 1] = version;
  return edited;
}
