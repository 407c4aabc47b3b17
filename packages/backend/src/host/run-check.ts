import { backendError } from '../backend-error.js';
import type { OpenOptions, RunOptions } from '../contract.js';
import type { OutputName, TokenSelection } from '../outputs.js';
import type { PixelBatch } from '../tensor.js';
import type { WebsslError } from '../webssl-error.js';
import { isFloat32Array } from './messages.js';

/** What a session was opened with, in full. */
export type OpenedWith = Required<Pick<OpenOptions, 'size' | 'outputs' | 'tokens'>>;

/**
 * Checks that a session can be opened with these outputs, and fills in what was left to its default.
 * @throws WebsslError `BACKEND_OUTPUT_UNAVAILABLE` where none is asked for.
 */
export function openedWith({ size, outputs, tokens = 'all' }: OpenOptions): OpenedWith {
  if (outputs.length === 0) {
    throw backendError(
      'BACKEND_OUTPUT_UNAVAILABLE',
      "A session needs at least one output, such as 'last_hidden_state'.",
    );
  }
  return { size, outputs: [...outputs], tokens };
}

/** @throws WebsslError `BACKEND_INPUT_INVALID` where the pixels do not fit the session. */
export function checkInput(input: PixelBatch, { size: { height, width } }: OpenedWith): void {
  const dims: unknown = input?.dims;
  const wanted = `[B, 3, ${height}, ${width}] with B >= 1`;
  if (!isFloat32Array(input?.data)) throw invalid('the pixel values are not a Float32Array');
  if (!Array.isArray(dims) || !dims.every((dimension) => Number.isSafeInteger(dimension))) {
    throw invalid('the dimensions are not a list of integers');
  }
  const [batch, channels] = dims;
  if (dims.length !== 4 || batch < 1 || channels !== 3 || dims[2] !== height || dims[3] !== width) {
    throw invalid(`the dimensions are [${dims.join(', ')}]`);
  }
  const length = batch * 3 * height * width;
  if (input.data.length !== length) {
    throw invalid(`dimensions [${dims.join(', ')}] need ${length} values, the data has ${input.data.length}`);
  }

  function invalid(problem: string): WebsslError {
    return backendError(
      'BACKEND_INPUT_INVALID',
      `The input does not fit this session: ${problem}. It takes float32 ${wanted}.`,
    );
  }
}

/**
 * The outputs and tokens of one run.
 * @throws WebsslError `BACKEND_OUTPUT_UNAVAILABLE` for what the session was not opened with.
 */
export function selectOutputs(
  options: RunOptions,
  opened: OpenedWith,
): { readonly outputs: readonly OutputName[]; readonly tokens: TokenSelection } {
  const { outputs = opened.outputs, tokens = opened.tokens } = options;
  const unknown = outputs.filter((output) => !opened.outputs.includes(output));
  if (unknown.length > 0 || outputs.length === 0) {
    throw backendError(
      'BACKEND_OUTPUT_UNAVAILABLE',
      `${unknown.length > 0 ? `This session does not give ${unknown.join(', ')}` : 'No output is asked for'}. ` +
        `It was opened with ${opened.outputs.join(', ')}; name an output when opening to ask for it later.`,
      { details: { unavailable: unknown, available: opened.outputs } },
    );
  }
  const known = tokens === 'all' || tokens === 'cls' || tokens === 'patches';
  if (!known || (opened.tokens !== 'all' && tokens !== opened.tokens)) {
    throw backendError(
      'BACKEND_OUTPUT_UNAVAILABLE',
      `This session does not give tokens '${tokens}': it was opened with tokens '${opened.tokens}'.`,
      { details: { unavailable: tokens, available: opened.tokens } },
    );
  }
  return { outputs, tokens };
}
