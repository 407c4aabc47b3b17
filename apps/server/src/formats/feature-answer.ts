import { type Tensor, WebsslError } from '@webssl/backend';
import { encodeNpyHeader, layoutSafetensors } from '@webssl/tensor-files';
import type { ImageOutcome } from '../http/compute-images.js';
import { errorAnswer } from '../http/error-answer.js';
import { breathing } from './breathing.js';
import { jsonResult } from './json-result.js';

/** Which model computed. */
export interface Provenance {
  readonly model: string;
  readonly synthetic: boolean;
}

type Chunks = AsyncGenerator<string | Uint8Array, void, undefined>;

/** All results as one JSON object. */
export async function* jsonAnswer(outcomes: readonly ImageOutcome[], provenance: Provenance): Chunks {
  const { model, synthetic } = provenance;
  yield `${JSON.stringify({ model, synthetic }).slice(0, -1)},"results":[`;
  for (const [position, outcome] of outcomes.entries()) {
    if (position > 0) yield ',';
    yield* breathing(jsonResult(outcome));
  }
  yield ']}\n';
}

/** A line of JSON for each image as soon as it and those before it are computed. */
export async function* ndjsonAnswer(
  outcomes: readonly Promise<ImageOutcome>[],
  { synthetic }: Provenance,
): Chunks {
  for (const pending of outcomes) {
    const pieces = breathing(jsonResult(await pending));
    // Each line says it, for lines are cut apart.
    if (synthetic) yield '{"synthetic":true,';
    const { value: first = '' } = await pieces.next();
    yield synthetic ? first.slice(1) : first;
    yield* pieces;
    yield '\n';
  }
}

/**
 * One feature of every image as npy, float32 `[B, ...]` in the order of the request. The rows of images that failed are NaN,
 * so that the others keep their places.
 *
 * @param outcomes at least one of them good
 */
export function npyAnswer(outcomes: readonly ImageOutcome[]): readonly Uint8Array[] {
  const tensors = outcomes.map((outcome) =>
    'error' in outcome ? undefined : Object.values<Tensor>(outcome.features)[0],
  );
  const { dims = [], data = [] } = tensors.find((tensor) => tensor !== undefined) ?? {};
  const failed = bytesOf({ data: new Float32Array(data.length).fill(Number.NaN), dims });
  const rows = tensors.map((tensor) => (tensor === undefined ? failed : bytesOf(tensor)));
  return [encodeNpyHeader([tensors.length, ...dims]), ...rows];
}

/** Images of a request that failed and the codes of their errors, for a header: `1=IMAGE_DAMAGED, 5=IMAGE_EMPTY`. */
export function errorList(outcomes: readonly ImageOutcome[]): string {
  const failed = outcomes.flatMap((outcome) =>
    'error' in outcome ? [`${outcome.index}=${errorAnswer(outcome.error).body.error.code}`] : [],
  );
  const more = failed.length - mostListed;
  return failed
    .slice(0, mostListed)
    .concat(more > 0 ? [`and ${more} more`] : [])
    .join(', ');
}

/** Clients take so much of headers and no more. */
const mostListed = 100;

/**
 * An npy file holds one array.
 *
 * @throws WebsslError `FORMAT_NEEDS_ONE_FEATURE`
 */
export function requireOneFeature(features: readonly string[]): void {
  if (features.length === 1) return;
  throw new WebsslError({
    code: 'FORMAT_NEEDS_ONE_FEATURE',
    message: 'An npy answer is one array: ask for one feature, or accept application/vnd.safetensors.',
    details: { param: 'features' },
  });
}

/**
 * Features as a safetensors file: a tensor a feature for a single image; for several `<index>.<feature>`, with the errors of
 * others in the metadata.
 */
export function safetensorsAnswer(
  outcomes: readonly ImageOutcome[],
  { model, synthetic }: Provenance,
  isSingle: boolean,
): readonly Uint8Array[] {
  const tensors = new Map<string, Tensor>();
  const errors: unknown[] = [];
  for (const outcome of outcomes) {
    if ('error' in outcome) {
      const { status, body } = errorAnswer(outcome.error, outcome.image.param);
      errors.push({ index: outcome.index, status, ...body.error });
      continue;
    }
    for (const [name, tensor] of Object.entries<Tensor>(outcome.features)) {
      tensors.set(isSingle ? name : `${outcome.index}.${name}`, tensor);
    }
  }
  const { header, tensors: placed } = layoutSafetensors(
    [...tensors].map(([name, { dims }]) => ({ name, type: 'F32' as const, shape: dims })),
    {
      format: 'webssl-features',
      model,
      synthetic: String(synthetic),
      ...(errors.length === 0 ? {} : { errors: JSON.stringify(errors) }),
    },
  );
  return [header, ...placed.flatMap(({ name }) => tensors.get(name) ?? []).map(bytesOf)];
}

function bytesOf({ data }: Tensor): Uint8Array {
  return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
}
