import { type Tensor, WebsslError } from '@webssl/backend';
import type { EvaluationRecord } from '@webssl/checker';
import { compareTensors } from '@webssl/metrics';
import { openTensorIndex, readTensor, type TensorEntry, type TensorIndex } from '@webssl/tensor-files';
import { environment, planned } from '../run/plan.js';
import { RunRecorder } from '../run/run-recorder.js';
import { checkedMaxNmse } from './accuracy-settings.js';
import { comparisonFields } from './comparison-fields.js';
import { noTensor } from './tensor-parts.js';

export interface CompareTensorFilesOptions {
  /** Bound on the NMSE, a ratio; the plan tells it to the checker. Default 0.01. */
  readonly maxNmse?: number;
  /** Called with each record as it comes. */
  readonly onRecord?: (record: EvaluationRecord) => void;
  readonly signal?: AbortSignal;
}

/** A tensor's name and where each side has it. */
interface TensorPair {
  readonly name: string;
  readonly reference: TensorEntry | undefined;
  readonly candidate: TensorEntry | undefined;
}

/**
 * Compares the tensors of two safetensors files by their names, such as those that another program wrote; no device is
 * involved. F32, F16, BF16 and F64 may stand against each other; all are compared as float32, so differences of F64 values below its
 * resolution do not show. Of a `last_hidden_state` `[B, T, D]` the CLS tokens are compared
 * once more, as `last_hidden_state.cls`. Keeps one pair of tensors in memory.
 *
 * A tensor that one file lacks is a `shape-mismatch` with a `run.error`; one that cannot be read as numbers is a `run.error` alone.
 *
 * @param reference path of a safetensors file, of an index of shards, or of a checkpoint folder; so is `candidate`
 * @throws WebsslError `EVALUATION_OPTION_INVALID` and `SAFETENSORS_*` of a file that cannot be opened, without records;
 *   `EVALUATION_NOTHING_COMPARED` and the signal's reason after `run.end`
 */
export async function compareTensorFiles(
  reference: string,
  candidate: string,
  options: CompareTensorFilesOptions = {},
): Promise<{ readonly records: readonly EvaluationRecord[] }> {
  const { signal, onRecord } = options;
  const max_nmse = checkedMaxNmse(options.maxNmse);
  signal?.throwIfAborted();
  const files = {
    reference: await openTensorIndex(reference),
    candidate: await openTensorIndex(candidate),
  };
  const pairs = pairsOf(files.reference, files.candidate);
  const recorder = new RunRecorder(onRecord);
  recorder.record('run.plan', {
    kind: 'comparison',
    ...planned(),
    reference,
    candidate,
    tensors: pairs.length + pairs.filter(hasClassTokens).length,
    max_nmse,
    ...(isSynthetic(files) ? { synthetic: true } : {}),
  });
  await recorder.close(signal, async () => {
    recorder.record('run.environment', await environment());
    let compared = 0;
    for (const pair of pairs) {
      signal?.throwIfAborted();
      for (const [file, side] of [
        [reference, pair.reference],
        [candidate, pair.candidate],
      ] as const) {
        if (side === undefined) recorder.error(missingIn(file, pair.name));
      }
      compared += await comparePair(pair, recorder, signal);
    }
    if (compared === 0) throw nothingCompared(reference, candidate);
  });
  return { records: recorder.records };
}

/** Whether one of the files says so of its tensors, as those that this package saves do. */
function isSynthetic({
  reference,
  candidate,
}: Readonly<Record<'reference' | 'candidate', TensorIndex>>): boolean {
  return [reference, candidate].some(({ metadata }) => metadata['synthetic'] === 'true');
}

function pairsOf(reference: TensorIndex, candidate: TensorIndex): TensorPair[] {
  const names = new Set([...reference.tensors.keys(), ...candidate.tensors.keys()]);
  return [...names].map((name) => ({
    name,
    reference: reference.tensors.get(name),
    candidate: candidate.tensors.get(name),
  }));
}

function hasClassTokens({ name, reference, candidate }: TensorPair): boolean {
  return name === 'last_hidden_state' && (reference ?? candidate)?.shape.length === 3;
}

/** @returns the records that it made */
async function comparePair(
  pair: TensorPair,
  recorder: RunRecorder,
  signal: AbortSignal | undefined,
): Promise<number> {
  const bothThere = pair.reference !== undefined && pair.candidate !== undefined;
  const read = async (entry: TensorEntry | undefined) =>
    bothThere && entry !== undefined ? readTensor(entry, signal === undefined ? {} : { signal }) : noTensor;
  try {
    const [reference, candidate] = [await read(pair.reference), await read(pair.candidate)];
    const record = (tensor: string, actual: Tensor, expected: Tensor) =>
      recorder.record('accuracy.tensor', { tensor, ...comparisonFields(compareTensors(actual, expected)) });
    record(pair.name, candidate, reference);
    if (!hasClassTokens(pair)) return 1;
    record(`${pair.name}.cls`, classTokensOf(candidate), classTokensOf(reference));
    return 2;
  } catch (error) {
    signal?.throwIfAborted();
    recorder.error(error);
    return 0;
  }
}

/** `[B, D]` of `[B, T, D]`; anything else is handed on as it is. */
function classTokensOf(tensor: Tensor): Tensor {
  const [images = 0, tokens = 0, width = 0] = tensor.dims;
  if (tensor.dims.length !== 3 || tokens === 0) return tensor;
  const data = new Float32Array(images * width);
  for (let image = 0; image < images; image++) {
    const start = image * tokens * width;
    data.set(tensor.data.subarray(start, start + width), image * width);
  }
  return { data, dims: [images, width] };
}

function missingIn(file: string, tensor: string): WebsslError {
  return new WebsslError({
    code: 'EVALUATION_TENSOR_MISSING',
    message: `${file} has no tensor ${JSON.stringify(tensor)}, the file that it is compared with has it.`,
    details: { file, tensor },
  });
}

function nothingCompared(reference: string, candidate: string): WebsslError {
  return new WebsslError({
    code: 'EVALUATION_NOTHING_COMPARED',
    message: `Not one tensor of ${candidate} could be compared with ${reference}: they hold none, or none that can be read as numbers.`,
  });
}
