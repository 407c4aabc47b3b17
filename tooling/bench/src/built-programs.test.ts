import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { nmse } from '@webssl/metrics';
import { locateModel } from '@webssl/registry';
import { goldenCheckpoint, goldenImage } from '@webssl-tooling/fixtures';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Contender } from './contender.js';
import { type DownloadHub, startDownloadHub, weightsAddress } from './download-hub.js';
import { readFloats, writeFloats } from './float-file.js';
import { folderSize } from './folder-size.js';
import { modelProducts } from './model-products.js';
import { builtProgram } from './paths.js';
import { writePhotographs } from './server/photographs.js';
import { goldenTensors } from './testing.js';

const checkpoint = 'vit-tiny-p14';

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'built-programs-'));
});

afterEach(async () => {
  vi.unstubAllEnvs();
  await rm(folder, { recursive: true });
});

function start(name: string, options: Readonly<Record<string, string>>): Promise<Contender> {
  const parameters = Object.entries(options).flatMap(([option, value]) => [`--${option}`, value]);
  return Contender.start(name, {
    command: process.execPath,
    parameters: [builtProgram(name), ...parameters],
  });
}

describe('encoder-steady', () => {
  it.each(['throughput', 'coldStart'])('computes what the reference computes in %s mode', async (mode) => {
    const { pixelValues, lastHiddenState } = await goldenTensors(checkpoint);
    const [, , height, width] = pixelValues.dims;
    const [pixels, features] = [join(folder, 'pixels.f32'), join(folder, 'features.f32')];
    await writeFloats(pixels, pixelValues.data);

    const contender = await start('encoder-steady', {
      ...{ model: goldenCheckpoint(checkpoint), device: 'cpu', mode, threads: '1' },
      ...{ output: 'last_hidden_state' },
      ...{ pixels, height: `${height}`, width: `${width}`, features },
    });
    expect(await contender.run('encode', 'milliseconds')).toBeGreaterThan(0);
    await contender.stop();
    expect(nmse(await readFloats(features), lastHiddenState.data)).toBeLessThanOrEqual(1e-10);
  });

  it.each([
    ['cpu', 'cls', 0, 1e-10],
    // Not the same as FP32, or it would not be int8.
    ['cpu:int8', 'last_hidden_state', 1e-7, 0.01],
  ])('computes on %s what the reference has for %s', async (device, output, least, most) => {
    // The int8 weights of a test are no one else's.
    vi.stubEnv('WEBSSL_CACHE', join(folder, 'cache'));
    const { pixelValues, lastHiddenState } = await goldenTensors(checkpoint);
    const [, , height, width] = pixelValues.dims;
    const [pixels, features] = [join(folder, 'pixels.f32'), join(folder, 'features.f32')];
    await writeFloats(pixels, pixelValues.data);
    const contender = await start('encoder-steady', {
      ...{ model: goldenCheckpoint(checkpoint), device, mode: 'throughput', threads: '1', output },
      ...{ pixels, height: `${height}`, width: `${width}`, features },
    });
    expect(await contender.run('encode', 'milliseconds')).toBeGreaterThan(0);
    await contender.stop();

    const [, tokens = 0, hiddenSize = 0] = lastHiddenState.dims;
    const values = await readFloats(features);
    expect(values).toHaveLength(output === 'cls' ? hiddenSize : tokens * hiddenSize);
    const error = nmse(values, lastHiddenState.data.subarray(0, values.length));
    expect(error).toBeGreaterThanOrEqual(least);
    expect(error).toBeLessThanOrEqual(most);
  });

  it('fails with a message when the model is not there', async () => {
    const model = join(folder, 'nothing');
    const options = {
      device: 'cpu',
      output: 'cls',
      mode: 'coldStart',
      threads: '1',
      pixels: '',
      height: '224',
      width: '224',
      features: '',
    };
    await expect(start('encoder-steady', { model, ...options })).rejects.toThrow(/nothing/);
  });
});

describe('encoder-photographs', () => {
  it.each(['1', '2'])('embeds as many photographs as it is told, with %s sessions', async (sessions) => {
    const { pixelValues } = await goldenTensors(checkpoint);
    const [, , height, width] = pixelValues.dims;
    const pixels = join(folder, 'pixels.f32');
    await writeFloats(pixels, pixelValues.data);
    const photographs = await writePhotographs(goldenImage('rocket.jpg'), folder, 2);
    const contender = await start('encoder-photographs', {
      ...{ model: goldenCheckpoint(checkpoint), threads: '2', sessions, photographs },
      ...{ pixels, height: `${height}`, width: `${width}`, images: '10', blocks: '3' },
    });
    for (const task of ['files', 'model']) {
      const blocks = [];
      for (let block = 0; block < 3; block++) blocks.push(await contender.run(task, 'images'));
      expect(blocks).toEqual([3, 3, 4]);
      expect(await contender.run(task, 'imagesPerSecond')).toBeGreaterThan(0);
    }
    await contender.stop();
  });
});

describe('encoder-rate', () => {
  it('keeps the features of each photograph and encodes them again and again', async () => {
    const photographs = await writePhotographs(goldenImage('rocket.jpg'), folder, 2);
    const features = join(folder, 'features.f32');
    const contender = await start('encoder-rate', {
      ...{ model: goldenCheckpoint(checkpoint), threads: '1', photographs, features, seconds: '0.1' },
    });
    expect(await contender.run('encode', 'imagesPerSecond')).toBeGreaterThan(0);
    await contender.stop();
    const { lastHiddenState } = await goldenTensors(checkpoint);
    expect(await readFloats(features)).toHaveLength(2 * (lastHiddenState.dims[2] ?? 0));
  });
});

describe('matmul-rate', () => {
  it('has a task for each product of the model', async () => {
    const sizes = { tokens: 17, hiddenSize: 32, feedForwardSize: 128 };
    const contender = await start('matmul-rate', {
      ...{ tokens: '17', 'hidden-size': '32', 'feed-forward-size': '128', threads: '1' },
    });
    for (const { name } of modelProducts(sizes)) {
      expect(await contender.run(name, 'operationsPerSecond')).toBeGreaterThan(0);
    }
    await contender.stop();
  });
});

describe('preprocessing-times', () => {
  it('measures every way', async () => {
    const contender = await start('preprocessing-times', {
      processor: join(goldenCheckpoint(checkpoint), 'preprocessor_config.json'),
      ...{ image: goldenImage('rocket.jpg'), together: '3' },
    });
    for (const task of ['decode', 'exact', 'fast', 'several', 'longestBlock']) {
      expect(await contender.run(task, 'milliseconds')).toBeGreaterThan(0);
    }
    await contender.stop();
  });
});

describe('download-limits', () => {
  it('writes every byte to a new file, and hashes', async () => {
    const file = join(folder, 'written');
    const contender = await start('download-limits', { file, bytes: '1000003', step: '4096' });
    expect(await contender.run('hash', 'milliseconds')).toBeGreaterThan(0);
    expect(await contender.run('write', 'milliseconds')).toBeGreaterThan(0);
    await contender.stop();
    expect((await stat(file)).size).toBe(1_000_003);
  });
});

describe('downloads from a hub on loopback', () => {
  const model = { id: 'bench-org/model', weightBytes: 3_000_003 };
  let hub: DownloadHub;

  beforeEach(async () => {
    hub = await startDownloadHub([model], folder);
  });

  afterEach(() => hub.stop());

  it('download-webssl keeps the weights, whole', async () => {
    const cache = join(folder, 'cache');
    const options = { model: model.id, endpoint: hub.endpoint, cache, connections: '2' };
    const contender = await start('download-webssl', options);
    expect(await contender.run('download', 'milliseconds')).toBeGreaterThan(0);
    await contender.stop();
    expect(await folderSize(cache)).toBeGreaterThanOrEqual(model.weightBytes);
    expect((await locateModel(model.id, { hubCacheFolder: cache }))?.bytes).toBe(model.weightBytes);
  });

  it('download-plain counts what comes', async () => {
    const address = weightsAddress(hub.endpoint, model);
    const whole = await start('download-plain', { address, bytes: `${model.weightBytes}` });
    expect(await whole.run('download', 'milliseconds')).toBeGreaterThan(0);
    await whole.stop();
    const other = await start('download-plain', { address, bytes: '7' });
    await expect(other.run('download', 'milliseconds')).rejects.toThrow(/3000003 bytes instead of 7/);
  });
});
