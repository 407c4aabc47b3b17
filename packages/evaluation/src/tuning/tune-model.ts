import { type ImageSize, type ModelSource, WebsslError } from '@webssl/backend';
import { cpuName, createGraphRunner, type GraphRunner, weightBits } from '@webssl/backend-cpu';
import { openModel } from '@webssl/encoder';
import { createModelSource } from '@webssl/graph';
import {
  linearLayers,
  makeCacheFolder,
  modelName,
  openWorkbench,
  plannedGraph,
  type QuantizationPlan,
  readQuantizationPlan,
  rememberedFingerprint,
  type Smoothing,
  storeQuantizationPlan,
  type Workbench,
} from '@webssl/graph/quantization';
import { type Checkpoint, cacheFolder as defaultCacheFolder, openCheckpoint } from '@webssl/registry';
import { chooseSmoothing } from './choose-smoothing.js';
import { type Float32Reference, measureFloat32 } from './float32-reference.js';
import { type CandidateSurroundings, measureCandidate, openTimed } from './measure-candidate.js';
import { measureShares } from './measure-shares.js';
import { orderOfKeeping } from './order-of-keeping.js';
import { keepsBound, searchFrontier } from './search-frontier.js';
import type { FrontierPoint, TuneOptions, TuningResult } from './tune-options.js';
import { loadTuningImages, type TuningImage } from './tuning-images.js';

/** Of so many images the share of every layer is measured; the whole model is measured on all. */
const imagesOfShares = 2;
const defaultBound = 0.005;

/**
 * Finds out which linear layers of a model can compute in int8 on this CPU and on images like these, measures what that costs and
 * gains, and stores the plan that keeps the bound with the fewest of them in float32, for the device `cpu:tuned`. Nothing is stored
 * where none keeps it, or when this ends in any other way.
 *
 * Needs room in the cache for one and a half times the weights while it runs.
 *
 * @throws WebsslError `EVALUATION_OPTION_INVALID`, `EVALUATION_IMAGES_UNUSABLE`; what `openCheckpoint`, making int8 weights and
 *   opening sessions throw; the signal's reason
 */
export async function tuneModel(options: TuneOptions): Promise<TuningResult> {
  const { maxNmse: bound = defaultBound, signal } = options;
  if (!(bound > 0 && bound < 1)) {
    throw new WebsslError({
      code: 'EVALUATION_OPTION_INVALID',
      message: `maxNmse must be a ratio between 0 and 1, such as 0.005, not ${bound}.`,
    });
  }
  const checkpoint = await openCheckpoint(options.model, options);
  const runner = createGraphRunner(options.threads === undefined ? {} : { threads: options.threads });
  try {
    return await tune(checkpoint, runner, bound, options);
  } catch (error) {
    // Whatever was under way says in its own words that it was ended.
    signal?.throwIfAborted();
    throw error;
  } finally {
    await runner.close();
  }
}

async function tune(
  checkpoint: Checkpoint,
  runner: GraphRunner,
  bound: number,
  options: TuneOptions,
): Promise<TuningResult> {
  const { signal, onStage, onStep, onQuantizeProgress } = options;
  const cacheFolder = options.cacheFolder ?? defaultCacheFolder();
  const { config } = checkpoint;
  // Better known now than after minutes of measuring.
  await makeCacheFolder(cacheFolder);
  const source = createModelSource(checkpoint, { cacheFolder, onQuantizeProgress });
  const { size, processor } = await openModel({ source, processor: checkpoint.processor }, options);
  const images = await loadTuningImages(options, processor);
  const step = (total: number) => (done: number) => {
    signal?.throwIfAborted();
    onStep?.(done, total);
  };

  onStage?.('computing in float32');
  const reference = await measureFloat32(checkpoint, size, images, {
    runner,
    keptImages: imagesOfShares,
    onImage: step(images.length),
  });
  const timed = { size, threads: options.threads, signal };
  const float32 = await openTimed(source, 'fp32', timed);
  let bench: Bench | undefined;
  try {
    const surroundings = { ...timed, float32, images, finals: reference.finals };
    onStage?.('measuring int8 as it is');
    const plain = await measurePoint('plain', [], source, surroundings);

    onStage?.('smoothing channels');
    bench = await chooseBench(
      checkpoint,
      source,
      { plain, peaks: reference.peaks, surroundings },
      (smoothing) =>
        openWorkbench(
          checkpoint,
          { weightBits: weightBits(), smoothing },
          { cacheFolder, onProgress: onQuantizeProgress, signal },
        ),
    );
    const { workbench, smoothing, first } = bench;

    onStage?.("measuring every layer's share of the error");
    const layers = await measureShares(config, size, reference, {
      runner,
      workbench,
      onLayer: step(config.layers),
      signal,
    });
    const order = orderOfKeeping(layers);

    onStage?.('measuring plans');
    const linears = linearLayers(config).length;
    const tuned = await searchFrontier(linears, bound, async (kept) => {
      signal?.throwIfAborted();
      const float32Layers = order.slice(0, kept);
      return kept === 0
        ? first
        : measurePoint('tuned', float32Layers, modelOn(workbench, source, float32Layers), surroundings);
    });
    // Its file is the largest: what comes now needs room too.
    await workbench.close();
    const isSmoothed = Object.keys(smoothing).length > 0;
    const found = {
      bound,
      model: { id: checkpoint.id, synthetic: checkpoint.synthetic !== undefined, linears },
      weightBits: weightBits(),
      images: images.map(({ name }) => name),
      isSmoothed,
      layers,
      frontier: isSmoothed ? [plain, ...tuned] : tuned,
    };
    const chosen = tuned.find((point) => keepsBound(point, bound));
    if (chosen === undefined) {
      return {
        ...found,
        verdict: 'FAIL',
        reason: `no plan that was tried keeps the bound, and nothing was stored${await whatStays(checkpoint, size, cacheFolder)}`,
      };
    }

    onStage?.('checking the plan');
    const plan = await planOf(checkpoint, chosen, { size, bound, smoothing, images, cacheFolder });
    const planned: ModelSource = {
      ...source,
      onnx: (part) =>
        plannedGraph(checkpoint, plan, part, { cacheFolder, onProgress: onQuantizeProgress, signal }),
    };
    const checked = await measurePoint('tuned', chosen.float32, planned, {
      ...surroundings,
      images: images.slice(0, 1),
    });
    if (!keepsBound(checked, bound)) {
      return {
        ...found,
        verdict: 'FAIL',
        reason: 'the plan, computed as cpu:tuned would, did not give what was measured; nothing was stored',
      };
    }
    signal?.throwIfAborted();
    const planFile = await storeQuantizationPlan(checkpoint, plan, cacheFolder);
    return { ...found, verdict: 'PASS', reason: reasonOf(chosen, linears), chosen, plan, planFile };
  } finally {
    await float32.close();
    await bench?.workbench.close();
  }
}

/** What plans are measured with. */
interface Bench {
  readonly workbench: Workbench;
  /** Empty where smoothing makes nothing better. */
  readonly smoothing: Smoothing;
  /** With every linear layer in int8. */
  readonly first: FrontierPoint;
}

/** A workbench with smoothed channels, or, where these do not make the error smaller, one with channels as they are. */
async function chooseBench(
  checkpoint: Checkpoint,
  source: ModelSource,
  {
    plain,
    peaks,
    surroundings,
  }: {
    readonly plain: FrontierPoint;
    readonly peaks: Float32Reference['peaks'];
    readonly surroundings: CandidateSurroundings;
  },
  open: (smoothing: Smoothing) => Promise<Workbench>,
): Promise<Bench> {
  const smoothing = await chooseSmoothing(checkpoint, peaks, surroundings.signal);
  if (Object.keys(smoothing).length > 0) {
    const workbench = await open(smoothing);
    let isKept = false;
    try {
      const first = await measurePoint('tuned', [], modelOn(workbench, source, []), surroundings);
      isKept = errorOf(first) < errorOf(plain);
      if (isKept) return { workbench, smoothing, first };
    } finally {
      if (!isKept) await workbench.close();
    }
  }
  return { workbench: await open({}), smoothing: {}, first: plain };
}

function errorOf({ nmse, clsNmse }: FrontierPoint): number {
  return Math.max(nmse, clsNmse);
}

async function measurePoint(
  kind: FrontierPoint['kind'],
  float32: readonly string[],
  model: ModelSource,
  surroundings: CandidateSurroundings,
): Promise<FrontierPoint> {
  const precision = kind === 'plain' ? 'int8' : 'tuned';
  return { kind, float32, ...(await measureCandidate(model, precision, surroundings)) };
}

/** The model as a plan would have it that leaves these linear layers in float32. */
function modelOn(workbench: Workbench, source: ModelSource, float32: readonly string[]): ModelSource {
  const kept = new Set(float32);
  return { ...source, onnx: (part) => workbench.graph(part, ({ name }) => !kept.has(name)) };
}

async function planOf(
  checkpoint: Checkpoint,
  { float32, nmse, clsNmse, milliseconds, float32Milliseconds }: FrontierPoint,
  {
    size,
    bound,
    smoothing,
    images,
    cacheFolder,
  }: {
    readonly size: ImageSize;
    readonly bound: number;
    readonly smoothing: Smoothing;
    readonly images: readonly TuningImage[];
    readonly cacheFolder: string;
  },
): Promise<QuantizationPlan> {
  return {
    format: 'webssl quantization plan 1',
    model: modelName(checkpoint),
    size,
    fingerprint: await rememberedFingerprint(checkpoint, cacheFolder),
    createdAt: new Date().toISOString(),
    processor: cpuName(),
    weightBits: weightBits(),
    float32: [...float32],
    smoothing: Object.fromEntries(
      Object.entries(smoothing).map(([place, exponents]) => [place, [...exponents]]),
    ),
    bound,
    verdict: 'PASS',
    measured: { nmse, clsNmse, milliseconds, float32Milliseconds },
    images: images.map(({ name, sha256 }) => ({ name, sha256 })),
  };
}

/** A plan that an earlier tuning has stored, in words. */
async function whatStays(checkpoint: Checkpoint, size: ImageSize, cacheFolder: string): Promise<string> {
  const before = await readQuantizationPlan(checkpoint, size, cacheFolder).catch(() => undefined);
  if (before === undefined) return ': float32 is the device for it';
  return `; the plan of ${before.createdAt} with the bound ${before.bound} is still there`;
}

/** Less than this is not worth another answer than float32's. */
const worthwhile = 0.95;

function reasonOf({ float32, milliseconds, float32Milliseconds }: FrontierPoint, linears: number): string {
  const ratio = milliseconds / float32Milliseconds;
  const kept = `${float32.length} of ${linears} linear layers in float32, ${ratio.toFixed(2)} of float32's time`;
  return ratio > worthwhile
    ? `${kept}: if that holds while nothing else runs, --device cpu (float32) is the better choice here`
    : kept;
}
