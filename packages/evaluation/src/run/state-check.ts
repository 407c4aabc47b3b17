import {
  type ImageSize,
  type ModelDescription,
  type OutputName,
  type Tensor,
  WebsslError,
} from '@webssl/backend';

/** The dims that `last_hidden_state`, and every hidden state, of a batch must have: `[B, 1 + N, D]`. */
export function stateDims(
  { patchSize, hiddenSize }: ModelDescription,
  { height, width }: ImageSize,
  batch: number,
): readonly number[] {
  return [batch, 1 + (height / patchSize) * (width / patchSize), hiddenSize];
}

/**
 * Refuses an answer that is no `last_hidden_state`, or other output of its shape, of the model at all.
 *
 * @param dims what {@link stateDims} gives
 * @throws WebsslError `EVALUATION_RESULT_INVALID` for a tensor that is missing or has other dims or another length
 */
export function checkState(
  tensor: Tensor | undefined,
  dims: readonly number[],
  output: OutputName = 'last_hidden_state',
): Tensor {
  const length = dims.reduce((product, dim) => product * dim, 1);
  const found = tensor?.dims;
  const fits =
    tensor !== undefined &&
    Array.isArray(found) &&
    found.length === dims.length &&
    dims.every((dim, axis) => dim === found[axis]) &&
    tensor.data.length === length;
  if (fits) return tensor;
  throw new WebsslError({
    code: 'EVALUATION_RESULT_INVALID',
    message: `The device did not answer with ${output} [${dims.join(', ')}] but with ${
      tensor === undefined ? 'nothing' : `${tensor.data?.length} values of dims [${String(found)}]`
    }.`,
    details: { output, expected: dims, found },
  });
}
