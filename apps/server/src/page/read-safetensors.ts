import { WebsslError } from '@webssl/backend';

export interface FloatTensor {
  readonly shape: readonly number[];
  readonly data: Float32Array;
}

/**
 * Reads the F32 tensors of a safetensors file; those of other types are left out.
 *
 * @throws WebsslError `ANSWER_UNREADABLE` when it is no such file, or cut short
 */
export function readSafetensors(bytes: ArrayBuffer): ReadonlyMap<string, FloatTensor> {
  if (bytes.byteLength < 8) throw unreadable(`it has ${bytes.byteLength} bytes`);
  const length = Number(new DataView(bytes).getBigUint64(0, true));
  if (length > bytes.byteLength - 8) throw unreadable('its header is cut short');
  const header = parseObject(new TextDecoder().decode(new Uint8Array(bytes, 8, length)));
  const tensors = new Map<string, FloatTensor>();
  for (const [name, entry] of Object.entries(header)) {
    if (name === '__metadata__' || !isObject(entry) || entry['dtype'] !== 'F32') continue;
    const [shape, offsets] = [counts(entry['shape']), counts(entry['data_offsets'])];
    const [begin = Number.NaN, end = Number.NaN] = offsets ?? [];
    const values = shape?.reduce((product, size) => product * size, 1) ?? Number.NaN;
    if (shape === undefined || end - begin !== values * 4) throw unreadable(`${name} has no valid shape`);
    if (8 + length + end > bytes.byteLength) throw unreadable(`${name} is cut short`);
    // A view needs an offset that is a multiple of 4, which the format does not promise.
    tensors.set(name, { shape, data: new Float32Array(bytes.slice(8 + length + begin, 8 + length + end)) });
  }
  return tensors;
}

function parseObject(text: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text);
    if (isObject(value)) return value;
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
  }
  throw unreadable('its header is not a JSON object');
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function counts(value: unknown): readonly number[] | undefined {
  if (!Array.isArray(value)) return undefined;
  const list: readonly unknown[] = value;
  const numbers = list.filter((item): item is number => Number.isSafeInteger(item) && Number(item) >= 0);
  return numbers.length === list.length ? numbers : undefined;
}

function unreadable(problem: string): WebsslError {
  return new WebsslError({
    code: 'ANSWER_UNREADABLE',
    message: `The server's answer is not a valid safetensors file: ${problem}. Try again.`,
  });
}
