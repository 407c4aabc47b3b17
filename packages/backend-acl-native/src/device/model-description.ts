import { type OutputName, WebsslError } from '@webssl/backend';
import type { AscendCl } from '../ascendcl/ascendcl.js';
import { batchSizeInput, dataType } from '../ascendcl/enumerations.js';
import type { Pointer } from '../ascendcl/functions.js';
import { readBatches, readDims } from '../ascendcl/structures.js';

/** One input or output of a loaded model. */
interface TensorDescription {
  readonly name: string;
  /** Dimensions without the batch. */
  readonly rowDims: readonly number[];
  readonly rowValues: number;
  readonly bytesPerValue: number;
  /** Bytes that the library wants for it: those of the largest batch. */
  readonly bytes: number;
  readonly index: number;
}

/** What a loaded model takes and gives. */
export interface LoadedModel {
  readonly pixels: TensorDescription;
  /** Position and size of the input that is told the batch size; a model with one batch size has none. */
  readonly batchSize: { readonly index: number; readonly bytes: number } | undefined;
  /** In the order of the model. */
  readonly outputs: readonly (TensorDescription & { readonly output: OutputName })[];
}

/** What the manifest beside the model says that it takes and gives. */
export interface ExpectedModel {
  readonly batchSizes: readonly number[];
  readonly outputs: readonly OutputName[];
  /** Of one image: `[3, H, W]`. */
  readonly pixelDims: readonly number[];
}

/**
 * Reads the description of a loaded model, and checks all that an execution relies on: the library itself checks no sizes.
 * @throws WebsslError `BACKEND_MODEL_REFUSED` where the model is not the one that the manifest describes.
 */
export function describeModel(acl: AscendCl, description: Pointer, expected: ExpectedModel): LoadedModel {
  const { plain } = acl;
  const largest = expected.batchSizes.at(-1) ?? 1;
  const inputs = count(plain.aclmdlGetNumInputs(description)).map((index) => ({
    index,
    name: plain.aclmdlGetInputNameByIndex(description, index) ?? '',
    bytes: Number(plain.aclmdlGetInputSizeByIndex(description, index)),
  }));
  const batchInput = inputs.find(({ name }) => name === batchSizeInput);
  checkBatchSizes(acl, description, expected.batchSizes, batchInput !== undefined);
  const [pixelInput, ...others] = inputs.filter((input) => input !== batchInput);
  if (pixelInput === undefined || others.length > 0) {
    throw modelRefused(`it has ${inputs.length} inputs instead of one for the pixels`);
  }

  const pixelDims = readDims((dims) => acl.call('aclmdlGetInputDims', description, pixelInput.index, dims));
  const pixels = tensor(pixelInput, pixelDims, plain.aclmdlGetInputDataType(description, pixelInput.index), {
    batch: [-1, largest],
    types: [dataType.float32],
    largest,
  });
  if (String(pixels.rowDims) !== String(expected.pixelDims)) {
    throw modelRefused(
      `its images are [${pixels.rowDims.join(', ')}], not [${expected.pixelDims.join(', ')}]`,
    );
  }

  const outputs = count(plain.aclmdlGetNumOutputs(description)).map((index) => {
    const name = plain.aclmdlGetOutputNameByIndex(description, index) ?? '';
    const dims = readDims((structure) => acl.call('aclmdlGetOutputDims', description, index, structure));
    const bytes = Number(plain.aclmdlGetOutputSizeByIndex(description, index));
    return tensor({ index, name, bytes }, dims, plain.aclmdlGetOutputDataType(description, index), {
      batch: [largest],
      types: [dataType.float32, dataType.float16],
      largest,
    });
  });
  return {
    pixels,
    batchSize: batchInput && { index: batchInput.index, bytes: batchInput.bytes },
    outputs: nameOutputs(outputs, expected.outputs),
  };
}

function checkBatchSizes(
  acl: AscendCl,
  description: Pointer,
  expected: readonly number[],
  hasInput: boolean,
): void {
  const found = readBatches((batches) => acl.call('aclmdlGetDynamicBatch', description, batches));
  const isRight =
    expected.length === 1
      ? found.length === 0 && !hasInput
      : hasInput && String([...found].sort((left, right) => left - right)) === String(expected);
  if (!isRight) {
    throw modelRefused(
      `it was compiled for ${found.length === 0 ? 'one batch size' : `the batch sizes ${found.join(', ')}`}, not for ${expected.join(', ')}`,
    );
  }
}

interface TensorRules {
  /** What the first dimension may be. */
  readonly batch: readonly number[];
  readonly types: readonly number[];
  readonly largest: number;
}

function tensor(
  { index, name, bytes }: { readonly index: number; readonly name: string; readonly bytes: number },
  dims: readonly number[],
  type: number,
  { batch, types, largest }: TensorRules,
): TensorDescription {
  const [first = 0, ...rowDims] = dims;
  if (!types.includes(type)) {
    throw modelRefused(`'${name}' has number type ${type} of AscendCL, which this backend does not use`);
  }
  const rowValues = rowDims.reduce((product, dimension) => product * dimension, 1);
  const bytesPerValue = type === dataType.float16 ? 2 : 4;
  const needed = largest * rowValues * bytesPerValue;
  if (!batch.includes(first) || rowDims.some((dimension) => dimension < 1) || bytes < needed) {
    throw modelRefused(
      `'${name}' is [${dims.join(', ')}] with ${bytes} bytes, which does not fit batches of ${largest}`,
    );
  }
  return { name, rowDims, rowValues, bytesPerValue, bytes, index };
}

/**
 * Finds out which output is which. The compiler names an output `<node>:<index>:<name in the graph>`; where no name ends like
 * that the outputs are in the order of the graph.
 */
function nameOutputs(
  found: readonly TensorDescription[],
  expected: readonly OutputName[],
): LoadedModel['outputs'] {
  if (found.length !== expected.length) {
    throw modelRefused(`it has ${found.length} outputs, not ${expected.join(', ')}`);
  }
  const named = found.map(({ name }) =>
    expected.find((output) => name === output || name.endsWith(`:${output}`)),
  );
  const isNamed = named.every((output) => output !== undefined) && new Set(named).size === expected.length;
  return found.flatMap((tensorFound, index) => {
    const output = isNamed ? named[index] : expected[index];
    return output === undefined ? [] : [{ ...tensorFound, output }];
  });
}

function count(value: number): number[] {
  return Array.from({ length: Number(value) }, (_, index) => index);
}

/** A model that is not the one of its manifest. */
export function modelRefused(problem: string): WebsslError {
  return new WebsslError({
    code: 'BACKEND_MODEL_REFUSED',
    message: `The offline model is not what its manifest says: ${problem}. Make it again with webssl export om.`,
    details: { policy: 'refuse' },
  });
}
