import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Backend } from '@webssl/backend';
import { aclNative } from '@webssl/backend-acl-native';
import { cannOnnx } from '@webssl/backend-cann-onnx';
import { type Rule, recordsOf } from '@webssl/checker';
import { loadEncoder } from '@webssl/encoder';
import { nmse } from '@webssl/metrics';
import { openTensorIndex, readTensor, writeSafetensors } from '@webssl/tensor-files';
import { buildAscendSimulator, type SimulatorConfiguration } from '@webssl-tooling/ascend-simulator';
import {
  buildOnnxRuntimeCann,
  type OnnxRuntimeCannConfiguration,
} from '@webssl-tooling/ascend-simulator/onnxruntime-cann';
import { goldenCheckpoint, goldenImage } from '@webssl-tooling/fixtures';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Evaluation, evaluate } from './evaluate.js';

const built = buildAscendSimulator();
const model = goldenCheckpoint('vit-tiny-p14');
const images = [goldenImage('china.jpg'), goldenImage('rocket.jpg')];

describe.skipIf('missing' in built)(
  `a simulated NPU${'missing' in built ? ` (${built.missing})` : ''}`,
  () => {
    if ('missing' in built) return;
    const { simulator } = built;
    let folder: string;
    let caches = 0;

    function configure(configuration: SimulatorConfiguration) {
      for (const [name, value] of Object.entries(simulator.environment(configuration))) {
        if (value === undefined) delete process.env[name];
        else process.env[name] = value;
      }
    }

    beforeAll(async () => {
      folder = await mkdtemp(join(tmpdir(), 'webssl-simulated-npu-'));
    });
    beforeEach(() => configure({}));
    afterAll(() => rm(folder, { recursive: true }));

    /** Compiles the model anew: what the compiler does wrong is in what it made. */
    function npu() {
      const { library, compiler } = simulator;
      return aclNative({ library, compiler, cacheFolder: join(folder, `cache-${caches++}`) });
    }

    function evaluateNpu(precision: string, layers = false): Promise<Evaluation> {
      const backend = npu();
      return evaluate({
        model,
        images,
        reference: { device: 'cpu' },
        candidate: {
          device: {
            ...backend,
            id: `acl-native-${precision}`,
            open: (source, options) => backend.open(source, { ...options, precision }),
          },
        },
        batches: [1, 3],
        minSeconds: 0.01,
        minIterations: 2,
        layers,
        out: join(folder, `results-${caches}`),
      });
    }

    it('passes in fp32, in every layer, and says that it is a simulator', async () => {
      const evaluation = await evaluateNpu('fp32', true);
      expect(failed(evaluation)).toEqual([]);
      expect(evaluation.verdict.result).toBe('PASS');
      expect(worst(evaluation, 'last_hidden_state')).toBeLessThanOrEqual(1e-10);
      expect(recordsOf(evaluation.records, 'run.device').map(({ name }) => name)).toContain(
        'Ascend910B4 (simulator)',
      );
    });

    it('differs in fp16 by what rounding the weights to fp16 changes', async () => {
      const evaluation = await evaluateNpu('fp16');
      expect(evaluation.verdict.result).toBe('PASS');
      const rounded = await roundedCheckpoint(join(folder, 'rounded'));
      const expected = await Promise.all(images.map((image) => classTokenNmse(image, rounded, model)));
      expect(worst(evaluation, 'cls') / Math.max(...expected)).toBeCloseTo(1, 3);
      expect(worst(evaluation, 'cls')).toBeGreaterThan(1e-8);
    });

    it('fails, and names the layer, when the compiler gets one wrong', async () => {
      configure({ wrongWeights: 'encoder.layer.2.' });
      const evaluation = await evaluateNpu('fp32', true);
      expect(evaluation.verdict.result).toBe('FAIL');
      expect(failed(evaluation)).toContain('NMSE of last_hidden_state');
      expect(firstWrongLayer(evaluation)).toBe(3);
    });
  },
);

const runtime = buildOnnxRuntimeCann();

describe.skipIf('missing' in runtime)(
  `an ONNX Runtime with a simulated NPU${'missing' in runtime ? ` (${runtime.missing})` : ''}`,
  () => {
    if ('missing' in runtime) return;
    let folder: string;

    let evaluations = 0;

    function configure(configuration: OnnxRuntimeCannConfiguration) {
      if ('missing' in runtime) return;
      for (const [name, value] of Object.entries(runtime.environment(configuration))) {
        if (value === undefined) delete process.env[name];
        else process.env[name] = value;
      }
    }

    beforeAll(async () => {
      folder = await mkdtemp(join(tmpdir(), 'webssl-simulated-cann-'));
    });
    beforeEach(() => configure({}));
    afterAll(() => rm(folder, { recursive: true }));

    // Two pieces, chained, unless it says otherwise: the tiny model has 4 layers.
    const npu = (pieceBytes = 600_000) =>
      cannOnnx({ library: runtime.library, cacheFolder: join(folder, 'cache'), pieceBytes });
    const evaluateBackend = (backend: Backend, precision: string, layers: boolean) =>
      evaluate({
        model,
        images,
        reference: { device: 'cpu' },
        candidate: {
          device: {
            ...backend,
            id: `cann-onnx-${precision}`,
            open: (source, options) => backend.open(source, { ...options, precision }),
          },
        },
        batches: [1, 3],
        minSeconds: 0.01,
        minIterations: 2,
        layers,
        out: join(folder, `results-${evaluations++}`),
      });

    it('passes in fp32, in every layer, also where the model is cut into pieces', async () => {
      const { verdict, records } = await evaluateBackend(npu(), 'fp32', true);
      expect(verdict.rules.filter(({ status }) => status === 'FAIL')).toEqual([]);
      expect(verdict.result).toBe('PASS');
      const totals = recordsOf(records, 'accuracy.total').map(({ max_nmse }) => max_nmse);
      expect(Math.max(...totals)).toBeLessThanOrEqual(1e-10);
    });

    it('differs in fp16 by what rounding the results to fp16 changes', async () => {
      // In one piece: between two of them the stand-in would round as well.
      const evaluation = await evaluateBackend(npu(2 ** 30), 'fp16', false);
      expect(evaluation.verdict.result).toBe('PASS');
      const features = await Promise.all(images.map((image) => classToken(model, image)));
      const expected = features.map((feature) => nmse(feature.map(roundToFloat16), feature));
      expect(worst(evaluation, 'cls') / Math.max(...expected)).toBeCloseTo(1, 3);
      // The nearest number with 11 significant bits is at most 2^-11 of the value away.
      expect(worst(evaluation, 'cls')).toBeLessThanOrEqual(2 ** -22);
      expect(worst(evaluation, 'cls')).toBeGreaterThan(2 ** -26);
    });

    it('fails, and names the layer, when the library gets one wrong', async () => {
      configure({ wrongWeights: 'encoder.layer.2.' });
      const evaluation = await evaluateBackend(npu(), 'fp32', true);
      expect(evaluation.verdict.result).toBe('FAIL');
      expect(failed(evaluation)).toContain('NMSE of last_hidden_state');
      expect(firstWrongLayer(evaluation)).toBe(3);
    });
  },
);

const failed = ({ verdict }: Evaluation) =>
  verdict.rules.filter(({ status }: Rule) => status === 'FAIL').map(({ name }) => name);

const worst = ({ records }: Evaluation, tensor: string) =>
  recordsOf(records, 'accuracy.total').find((total) => total.tensor === tensor)?.max_nmse ?? Number.NaN;

/** The first hidden state that is not right: that of the wrong layer, counted from 1. */
function firstWrongLayer({ records }: Evaluation): number {
  const wrong = recordsOf(records, 'accuracy.layer').filter(({ nmse: error }) => error > 0.01);
  return Math.min(...wrong.map(({ layer }) => layer));
}

/** The checkpoint with its weights rounded to float16, independently of the simulator. */
async function roundedCheckpoint(folder: string): Promise<string> {
  await cp(model, folder, { recursive: true });
  const { tensors } = await openTensorIndex(model);
  const rounded = await Promise.all(
    [...tensors.values()].map(async (entry) => {
      const { data, dims } = await readTensor(entry);
      return [entry.name, { data: Float32Array.from(data, roundToFloat16), dims }] as const;
    }),
  );
  await writeSafetensors(join(folder, 'model.safetensors'), new Map(rounded));
  return folder;
}

/** How much the CLS feature of an image differs between two checkpoints on the CPU. */
async function classTokenNmse(image: string, checkpoint: string, reference: string): Promise<number> {
  const [ours, theirs] = [await classToken(checkpoint, image), await classToken(reference, image)];
  return nmse(ours, theirs);
}

async function classToken(checkpoint: string, image: string): Promise<Float32Array> {
  const encoder = await loadEncoder(checkpoint, { features: ['cls'] });
  try {
    return (await encoder.encode(image)).cls.data;
  } finally {
    await encoder.close();
  }
}

/** To the nearest number with 11 significant bits, ties to even; the weights are far from the ends of float16's range. */
function roundToFloat16(value: number): number {
  if (value === 0) return value;
  const exponent = Math.max(Math.floor(Math.log2(Math.abs(value))), -14);
  const step = 2 ** (exponent - 10);
  const steps = value / step;
  const floor = Math.floor(steps);
  const up = steps - floor > 0.5 || (steps - floor === 0.5 && floor % 2 !== 0);
  return (floor + (up ? 1 : 0)) * step;
}
