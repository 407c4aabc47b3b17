import type { Backend, BackendSession, Tensor } from '@webssl/backend';
import { loadEncoder, type OpenedModel } from '@webssl/encoder';
import { stateDims } from '../run/state-check.js';
import { checkAnswer } from './check-answer.js';
import { type IsEnough, secondsSince } from './measured-runs.js';
import type { PerformanceImage } from './performance-images.js';
import type { PerformancePlan } from './performance-plan.js';

type Source = PerformanceImage['source'];

/**
 * Times an encoder from image to feature, as a user runs it: the next images are prepared in threads while the device works
 * on the ones before, as many batches at once as the encoder finds right. It works on a session that is open already and leaves
 * it open. The features of the first and the last image are checked, outside the time that is measured.
 *
 * @returns figures of the record `performance.end_to_end`
 * @throws WebsslError `EVALUATION_RESULT_INVALID`; what `Encoder.encodeAll` throws or gives in the place of an image's features;
 *   the signal's reason
 */
export async function measureEndToEnd(
  session: BackendSession,
  { source, processor, size }: OpenedModel,
  sources: readonly Source[],
  batch: number,
  { warmup, minSeconds, minIterations }: PerformancePlan,
  signal: AbortSignal | undefined,
): Promise<{ images: number; seconds: number; images_per_second: number }> {
  const stop = signal === undefined ? {} : { signal };
  const [, ...dims] = stateDims(source.describe(), size, batch);
  const encoder = await loadEncoder({ source, processor }, { device: borrowed(session), ...stop });
  const encode = async (isEnough: IsEnough) => {
    const began = performance.now();
    let images = 0;
    let first: Tensor | undefined;
    let last: Tensor | undefined;
    const cycled = cycle(sources, batch, (given) => isEnough(given, secondsSince(began)));
    for await (const result of encoder.encodeAll(cycled, { batch, ...stop })) {
      if ('error' in result) throw result.error;
      last = result.features.last_hidden_state;
      if (images === 0) first = last;
      images++;
    }
    const seconds = secondsSince(began);
    if (images > 0) for (const state of [first, last]) checkAnswer(state, dims);
    return { images, seconds };
  };
  try {
    await encode((given) => given >= warmup * batch);
    const { images, seconds } = await encode(
      (given, passed) => given >= minIterations * batch && passed >= minSeconds,
    );
    return { images, seconds, images_per_second: images / seconds };
  } finally {
    await encoder.close();
  }
}

/** Whole batches of images, one image after the other and again from the first, until it is enough. */
function* cycle(
  sources: readonly Source[],
  batch: number,
  isEnough: (given: number) => boolean,
): Generator<Source, void> {
  for (let given = 0; given % batch !== 0 || !isEnough(given); given++) {
    yield sources[given % sources.length] ?? '';
  }
}

/** A device whose session is open already; closing it is left to whoever opened it. */
function borrowed(session: BackendSession): Backend {
  const { device, batchSizes, maxInFlight, closed } = session;
  return {
    specificationVersion: 'v1',
    id: device.backend,
    probe: async () => ({ usable: true, devices: [], library: device.library }),
    open: async () => ({
      device,
      batchSizes,
      maxInFlight,
      closed,
      run: (input, options) => session.run(input, options),
      close: async () => {},
    }),
  };
}
