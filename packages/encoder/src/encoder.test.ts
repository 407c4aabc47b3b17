import { copyFile, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { WebsslError } from '@webssl/backend';
import { goldenCheckpoint, goldenImage } from '@webssl-tooling/fixtures';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { DeviceLoss } from './device-state.js';
import type { Encoder } from './encoder.js';
import { loadEncoder } from './load-encoder.js';

const photographs = ['astronaut.png', 'chelsea.png', 'china.jpg', 'flower.jpg', 'rocket.jpg'].map(
  goldenImage,
);
let encoder: Encoder;

beforeAll(async () => {
  encoder = await loadEncoder(goldenCheckpoint('vit-tiny-p14'));
});
afterAll(() => encoder.close());

async function collect<T>(results: AsyncIterable<T>): Promise<T[]> {
  const collected: T[] = [];
  for await (const result of results) collected.push(result);
  return collected;
}

describe('encode', () => {
  it('gives each feature its shape', async () => {
    const features = await encoder.encode(goldenImage('china.jpg'), {
      features: ['cls', 'mean', 'patches', 'last_hidden_state', 'hidden_states.0', 'attentions.3'],
    });
    expect(Object.fromEntries(Object.entries(features).map(([name, { dims }]) => [name, dims]))).toEqual({
      cls: [64],
      mean: [64],
      patches: [256, 64],
      last_hidden_state: [257, 64],
      'hidden_states.0': [257, 64],
      'attentions.3': [4, 257, 257],
    });
  });

  it('gives cls and patches as the parts of last_hidden_state', async () => {
    const { cls, patches, last_hidden_state } = await encoder.encode(goldenImage('china.jpg'), {
      features: ['cls', 'patches', 'last_hidden_state'],
    });
    expect(last_hidden_state.data.subarray(0, 64)).toEqual(cls.data);
    expect(last_hidden_state.data.subarray(64)).toEqual(patches.data);
  });

  it('gives what it was loaded for when nothing is named', async () => {
    expect(Object.keys(await encoder.encode(goldenImage('china.jpg')))).toEqual(['last_hidden_state']);
  });

  it('gives the same CLS whether or not the other tokens are computed', async () => {
    const alone = await loadEncoder(goldenCheckpoint('vit-tiny-p14'), { features: ['cls'] });
    try {
      const options = { features: ['cls'] } as const;
      const { cls } = await alone.encode(goldenImage('china.jpg'), options);
      const whole = await encoder.encode(goldenImage('china.jpg'), options);
      const difference = Math.max(
        ...cls.data.map((value, channel) => Math.abs(value - (whole.cls.data[channel] ?? 0))),
      );
      expect(difference).toBeLessThan(1e-5);
    } finally {
      await alone.close();
    }
  });

  it('refuses a feature that does not exist, before the image is read', async () => {
    await expect(encoder.encode('no such file', { features: ['pooler'] })).rejects.toMatchObject({
      code: 'FEATURE_UNKNOWN',
    });
    await expect(encoder.encode('no such file', { features: [] })).rejects.toMatchObject({
      code: 'FEATURE_UNKNOWN',
    });
  });

  it('rejects with the reason of the signal', async () => {
    const reason = new Error('enough');
    await expect(
      encoder.encode(goldenImage('china.jpg'), { signal: AbortSignal.abort(reason) }),
    ).rejects.toBe(reason);
  });
});

describe('encodeAll', () => {
  it('gives bit for bit what encode gives, whatever the batch', async () => {
    const alone = await Promise.all(
      photographs.map((image) => encoder.encode(image, { features: ['cls', 'mean'] })),
    );
    for (const batch of [1, 3, 5]) {
      const results = await collect(encoder.encodeAll(photographs, { batch, features: ['cls', 'mean'] }));
      expect(results.map(({ index, image }) => ({ index, image }))).toEqual(
        photographs.map((image, index) => ({ index, image })),
      );
      expect(results.map((result) => ('features' in result ? result.features : undefined))).toEqual(alone);
    }
  });

  it('gives a bad image its own error and loses no other', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'webssl-encoder-'));
    try {
      const notAnImage = join(folder, 'note.jpg');
      await writeFile(notAnImage, 'this is no photograph');
      const empty = join(folder, 'empty.png');
      await writeFile(empty, '');
      const good = join(folder, 'good.jpg');
      await copyFile(goldenImage('china.jpg'), good);
      const results = await collect(
        encoder.encodeAll([notAnImage, good, empty, join(folder, 'missing.jpg'), good], {
          features: ['cls'],
          batch: 3,
        }),
      );
      expect(
        results.map((result) => ('error' in result ? (result.error as WebsslError).code : 'ok')),
      ).toEqual(['IMAGE_FORMAT_UNSUPPORTED', 'ok', 'IMAGE_EMPTY', expect.stringMatching(/^IMAGE_/), 'ok']);
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  it('reads an endless source only as far as it is asked to', async () => {
    let read = 0;
    function* endless() {
      for (;;) {
        read++;
        yield goldenImage('rocket.jpg');
      }
    }
    for await (const { index } of encoder.encodeAll(endless(), { features: ['cls'], batch: 1, window: 4 })) {
      if (index === 5) break;
    }
    expect(read).toBeLessThanOrEqual(5 + 1 + 4 + 1);
  });

  it.each([
    ['batch', 0],
    ['window', 1.5],
  ])('refuses %s %d', async (name, value) => {
    await expect(collect(encoder.encodeAll(photographs, { [name]: value }))).rejects.toMatchObject({
      code: 'ENCODER_OPTION_INVALID',
    });
  });
});

describe('normalize', () => {
  it('gives vectors of length one', async () => {
    const { cls, patches } = await encoder.encode(goldenImage('china.jpg'), {
      features: ['cls', 'patches'],
      normalize: true,
    });
    for (const vector of [cls.data, patches.data.subarray(0, 64), patches.data.subarray(-64)]) {
      expect(Math.hypot(...vector)).toBeCloseTo(1, 6);
    }
  });
});

describe('a device that dies', () => {
  it('is replaced, and what it had is computed once more', async () => {
    const losses: DeviceLoss[] = [];
    const mortal = await loadEncoder(goldenCheckpoint('vit-tiny-p14'), {
      onDeviceLost: (loss) => losses.push(loss),
    });
    const processId = () => Number(mortal.info.devices[0]?.details['processId']);
    const encode = () => mortal.encode(goldenImage('china.jpg'), { features: ['cls'] });
    try {
      const before = await encode();
      const first = processId();
      // Stopped, the child takes the image and does not finish it.
      process.kill(first, 'SIGSTOP');
      const interrupted = encode();
      await delay(200);
      process.kill(first, 'SIGKILL');
      expect(await interrupted).toEqual(before);
      expect(losses).toMatchObject([
        { device: { details: { processId: first } }, error: { code: 'BACKEND_LOST' }, retired: false },
      ]);
      expect(processId()).not.toBe(first);
    } finally {
      await mortal.close();
    }
  });
});

it('refuses work after it was closed, and may be closed twice', async () => {
  const closed = await loadEncoder(goldenCheckpoint('vit-tiny-p14'));
  await closed.close();
  await closed.close();
  await expect(closed.encode(goldenImage('china.jpg'))).rejects.toMatchObject({ code: 'ENCODER_CLOSED' });
  await expect(collect(closed.encodeAll(photographs))).rejects.toMatchObject({ code: 'ENCODER_CLOSED' });
});

describe('close', () => {
  it('ends every call that is under way with one error', async () => {
    const closing = await loadEncoder(goldenCheckpoint('vit-tiny-p14'));
    const seen: string[] = [];
    const all = (async () => {
      for await (const result of closing.encodeAll(
        Array.from({ length: 40 }, () => goldenImage('china.jpg')),
      )) {
        seen.push('error' in result ? 'error' : 'ok');
        if (result.index === 3) void closing.close();
      }
    })();
    await expect(all).rejects.toMatchObject({ code: 'ENCODER_CLOSED' });
    expect(seen).toEqual(['ok', 'ok', 'ok', 'ok']);
  });

  it('ends replaced sessions too, also those with runs to finish', async () => {
    const closing = await loadEncoder(goldenCheckpoint('vit-tiny-p14'));
    const runs = [1, 2, 3].map((layer) =>
      closing.encode(goldenImage('china.jpg'), { features: [`hidden_states.${layer}`] }).then(
        () => 'ok',
        (error: WebsslError) => error.code,
      ),
    );
    await delay(30);
    await closing.close();
    for (const outcome of await Promise.all(runs)) expect(['ok', 'ENCODER_CLOSED']).toContain(outcome);
  });
});

it('lets one caller abort while another waits for the same session', async () => {
  const shared = await loadEncoder(goldenCheckpoint('vit-tiny-p14'));
  try {
    const pixels = { data: new Float32Array(3 * 224 * 224), dims: [1, 3, 224, 224] } as const;
    const controller = new AbortController();
    const features = ['hidden_states.1'] as const;
    const aborted = shared.encodePixelValues(pixels, { features, signal: controller.signal });
    const patient = shared.encodePixelValues(pixels, { features });
    const reason = new Error('enough');
    controller.abort(reason);
    await expect(aborted).rejects.toBe(reason);
    expect((await patient)['hidden_states.1'].dims).toEqual([1, 257, 64]);
  } finally {
    await shared.close();
  }
});
