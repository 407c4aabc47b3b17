import type { BackendSession, ImageSize, ModelSource, Precision, Tensor } from '@webssl/backend';
import { cpu } from '@webssl/backend-cpu';
import { median, nmse } from '@webssl/metrics';
import type { FrontierPoint } from './tune-options.js';
import type { TuningImage } from './tuning-images.js';

/** Fewest runs that a median is taken of. */
const fewestRuns = 3;

const output = 'last_hidden_state';

export interface CandidateSurroundings {
  /** A session of the model in float32. */
  readonly float32: BackendSession;
  readonly size: ImageSize;
  readonly images: readonly TuningImage[];
  /** `last_hidden_state` of each image in float32. */
  readonly finals: readonly Tensor[];
  readonly threads: number | undefined;
  readonly signal: AbortSignal | undefined;
}

/** A session of a model as users have it. */
export function openTimed(
  model: ModelSource,
  precision: Precision,
  { size, threads, signal }: Pick<CandidateSurroundings, 'size' | 'threads' | 'signal'>,
): Promise<BackendSession> {
  const backend = cpu(threads === undefined ? {} : { threads });
  return backend.open(model, { size, outputs: [output], precision, ...(signal && { signal }) });
}

/** Error and time of a whole model in a precision, its runs in turn with those in float32. */
export async function measureCandidate(
  model: ModelSource,
  precision: Precision,
  surroundings: CandidateSurroundings,
): Promise<Omit<FrontierPoint, 'kind' | 'float32'>> {
  const { float32, images, finals, signal } = surroundings;
  const { hiddenSize } = model.describe();
  const candidate = await openTimed(model, precision, surroundings);
  try {
    const errors: { readonly nmse: number; readonly clsNmse: number }[] = [];
    const times: number[] = [];
    const float32Times: number[] = [];
    for (let run = 0; run < Math.max(fewestRuns, images.length); run++) {
      const image = run % images.length;
      const { data, dims } = images[image]?.pixels ?? { data: new Float32Array(), dims: [] };
      const [batch = 1, , height = 0, width = 0] = dims;
      const pixels = { data, dims: [batch, 3, height, width] as const };
      const start = performance.now();
      const { tensors } = await candidate.run(pixels, signal && { signal });
      const between = performance.now();
      await float32.run(pixels, signal && { signal });
      times.push(between - start);
      float32Times.push(performance.now() - between);
      const [answer, expected] = [tensors[output], finals[image]];
      if (answer === undefined || expected === undefined) throw new Error(`there is no ${output}`);
      errors.push({
        nmse: nmse(answer.data, expected.data),
        clsNmse: nmse(answer.data.subarray(0, hiddenSize), expected.data.subarray(0, hiddenSize)),
      });
    }
    return {
      nmse: Math.max(...errors.map((error) => error.nmse)),
      clsNmse: Math.max(...errors.map(({ clsNmse }) => clsNmse)),
      milliseconds: median(times),
      float32Milliseconds: median(float32Times),
    };
  } finally {
    await candidate.close();
  }
}
