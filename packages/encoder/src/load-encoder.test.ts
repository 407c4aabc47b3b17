import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openTensorIndex, readTensor, writeSafetensors } from '@webssl/tensor-files';
import { goldenCheckpoint, goldenImage } from '@webssl-tooling/fixtures';
import { describe, expect, it } from 'vitest';
import { loadEncoder } from './load-encoder.js';

const tiny = goldenCheckpoint('vit-tiny-p14');

describe('loadEncoder', () => {
  it('says what it loaded and what executes it', async () => {
    const encoder = await loadEncoder(tiny, { threads: 1 });
    try {
      expect(encoder.info).toMatchObject({
        model: { id: tiny, layers: 4, hiddenSize: 64, synthetic: false },
        devices: [
          {
            backend: 'cpu',
            precision: 'fp32',
            isolation: 'process',
            details: { threads: 1, mode: 'coldStart' },
          },
        ],
        size: { height: 224, width: 224 },
      });
    } finally {
      await encoder.close();
    }
  });

  it('says which tensors of a checkpoint it has no use for', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'webssl-encoder-'));
    try {
      await cp(tiny, folder, { recursive: true });
      const { tensors } = await openTensorIndex(tiny);
      const copies = await Promise.all(
        [...tensors.values()].map(async (entry) => [entry.name, await readTensor(entry)] as const),
      );
      await writeSafetensors(
        join(folder, 'model.safetensors'),
        new Map([...copies, ['decoder.weight', { data: new Float32Array(2), dims: [2] }]]),
      );
      const encoder = await loadEncoder(folder);
      await encoder.close();
      expect(encoder.info.warnings).toEqual([expect.stringContaining('decoder.weight')]);
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  it('brings images to another size when asked', async () => {
    const encoder = await loadEncoder(tiny, { imageSize: { height: 28, width: 42 } });
    try {
      const { patches } = await encoder.encode(goldenImage('china.jpg'), { features: ['patches'] });
      expect(patches.dims).toEqual([6, 64]);
    } finally {
      await encoder.close();
    }
  });

  it.each([
    ['an unknown backend', { device: 'tpu' }, 'BACKEND_UNKNOWN', /Known: cpu, acl-native, cann-onnx, npu/],
    ['a device in capitals', { device: 'NPU@0' }, 'DEVICE_SPECIFICATION_INVALID', /Did you mean npu@0\?/],
    ['no device name', { device: 'CPU!' }, 'DEVICE_SPECIFICATION_INVALID', /<backend>/],
    ['a second CPU', { device: 'cpu@1' }, 'DEVICE_SPECIFICATION_INVALID', /one CPU device/],
    ['a precision that the device lacks', { device: 'cpu:fp4' }, 'BACKEND_PRECISION_UNSUPPORTED', /fp4/],
    ['an unknown feature', { features: ['pooler'] }, 'FEATURE_UNKNOWN', /pooler/],
    ['a size that the patches do not divide', { imageSize: 225 }, 'GRAPH_SIZE_INVALID', /14/],
  ])('refuses %s', async (_, options, code, message) => {
    await expect(loadEncoder(tiny, options)).rejects.toMatchObject({
      code,
      message: expect.stringMatching(message),
    });
  });

  it('gives every reason when no Ascend NPU answers', async () => {
    await expect(loadEncoder(tiny, { device: 'npu' })).rejects.toMatchObject({
      code: 'DEVICE_UNAVAILABLE',
      message: expect.stringMatching(/acl-native:.*\n.*cann-onnx:/),
    });
  });

  it('refuses a model that is nowhere', async () => {
    await expect(loadEncoder('facebook/webssl-mae700m-full2b-225')).rejects.toMatchObject({
      code: 'MODEL_UNKNOWN',
      message: expect.stringContaining('facebook/webssl-mae700m-full2b-224'),
    });
  });
});
