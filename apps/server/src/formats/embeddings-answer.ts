import type { Tensor } from '@webssl/backend';
import { breathing } from './breathing.js';
import type { Provenance } from './feature-answer.js';
import { jsonNumbers } from './json-numbers.js';

export interface EmbeddingsAnswerOptions extends Provenance {
  readonly encoding: 'float' | 'base64';
  /** Tokens that the model computed. */
  readonly tokens: number;
}

/** The answer of the OpenAI API, in pieces. */
export function embeddingsAnswer(
  vectors: readonly Tensor[],
  options: EmbeddingsAnswerOptions,
): AsyncGenerator<string, void, undefined> {
  return breathing(pieces(vectors, options));
}

function* pieces(
  vectors: readonly Tensor[],
  { model, synthetic, encoding, tokens }: EmbeddingsAnswerOptions,
): Generator<string, void, undefined> {
  yield '{"object":"list","data":[';
  for (const [index, { data }] of vectors.entries()) {
    yield `${index === 0 ? '' : ','}{"object":"embedding","index":${index},"embedding":`;
    if (encoding === 'base64') yield JSON.stringify(base64Of(data));
    else yield* jsonNumbers(data);
    yield '}';
  }
  const usage = { prompt_tokens: tokens, total_tokens: tokens };
  const rest = { model, usage, ...(synthetic ? { synthetic } : {}) };
  yield `],${JSON.stringify(rest).slice(1)}`;
}

/** Little-endian float32, as the machines are that this runs on. */
function base64Of({ buffer, byteOffset, byteLength }: Float32Array): string {
  return Buffer.from(buffer, byteOffset, byteLength).toString('base64');
}
