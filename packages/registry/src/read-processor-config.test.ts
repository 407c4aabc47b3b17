import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { goldenCheckpoint } from '@webssl-tooling/fixtures';
import { expect, it } from 'vitest';
import { readProcessorConfig } from './read-processor-config.js';

it('reads the processor config of a folder', async () => {
  expect(await readProcessorConfig(goldenCheckpoint('dinov2-tiny-518'))).toMatchObject({
    type: 'BitImageProcessor',
    centerCrop: { height: 518, width: 518 },
  });
});

it('knows that of a synthetic model without writing its weights', async () => {
  const cacheFolder = await mkdtemp(join(tmpdir(), 'webssl-registry-'));
  try {
    const config = await readProcessorConfig('random:facebook/webssl-dino7b-full8b-378', { cacheFolder });
    expect(config.centerCrop).toEqual({ height: 378, width: 378 });
    expect(await readdir(cacheFolder)).toEqual([]);
  } finally {
    await rm(cacheFolder, { recursive: true });
  }
});

it('says when a model is not on disk', async () => {
  await expect(
    readProcessorConfig('facebook/webssl-mae300m-full2b-224', {
      hubCacheFolder: join(tmpdir(), 'no-such-cache'),
    }),
  ).rejects.toMatchObject({
    code: 'MODEL_NOT_ON_DISK',
    message: expect.stringContaining('random:facebook/webssl-mae300m-full2b-224'),
  });
});
