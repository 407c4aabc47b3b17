import { join } from 'node:path';
import { type FaultRule, generatedBytes, randomFaultPlan } from '@webssl-tooling/hub-double';
import { expect, vi } from 'vitest';
import { hubOf, isSame, openCase, type PullCase } from './pull-case.js';

const shardBytes = 2_000_000;
const shards = ['model-00001-of-00002.safetensors', 'model-00002-of-00002.safetensors'] as const;
const weight_map = { one: shards[0], other: shards[1] };

export const seeds = Array.from({ length: 20 }, (_, index) => index + 1);

/** A hub with a model in two shards, and a client that loses patience after a second. */
export async function openBadHub(faults: readonly FaultRule[]): Promise<PullCase> {
  const files = {
    'config.json': '{"model_type":"vit"}',
    'preprocessor_config.json': '{"do_resize":true}',
    'model.safetensors.index.json': JSON.stringify({ weight_map }),
    [shards[0]]: { bytes: shardBytes, seed: 1 },
    [shards[1]]: { bytes: shardBytes, seed: 2 },
  };
  const pulled = await openCase(hubOf(files));
  await pulled.hub.prepare();
  pulled.hub.setFaults(faults);
  vi.stubEnv('HF_HUB_ETAG_TIMEOUT', '1');
  vi.stubEnv('HF_HUB_DOWNLOAD_TIMEOUT', '1');
  return pulled;
}

/** The files are what they should be. */
export async function expectModel(folder: string): Promise<void> {
  for (const [index, name] of shards.entries())
    expect(await isSame(join(folder, name), generatedBytes(index + 1, 0, shardBytes))).toBe(true);
  expect(await isSame(join(folder, 'config.json'), Buffer.from('{"model_type":"vit"}'))).toBe(true);
}

export function faultsOf(seed: number, count: number): FaultRule[] {
  return randomFaultPlan(seed, { fileBytes: shardBytes, count });
}
