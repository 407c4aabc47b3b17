import { WebsslError } from '@webssl/backend';
import { readFully, withOpenFile } from './file-reading.js';
import { JsonProblem, type JsonValue, NumberLiteral, parseStrictJson, quoted } from './strict-json.js';
import type { TensorEntry } from './tensor-index.js';
import { bytesOfTensor, isTensorType } from './tensor-types.js';

/** Options of everything that reads safetensors headers. */
export interface HeaderOptions {
  /**
   * The largest header (or index json) that is read, in bytes. Default 16 MiB; a header of 600 tensors has 80 KB.
   * More than the format's own limit of 100,000,000 is taken as that limit.
   */
  readonly maxHeaderBytes?: number;
}

/** What one safetensors file says about itself. */
export interface SafetensorsHeader {
  readonly file: string;
  /** By ascending offsets. */
  readonly tensors: ReadonlyMap<string, TensorEntry>;
  /** The `__metadata__`, empty where there is none. */
  readonly metadata: Readonly<Record<string, string>>;
  /** Where the data section begins, in bytes from the start of the file. */
  readonly dataOffset: number;
  /** Length of the file. */
  readonly byteLength: number;
}

/** Limit of the format for the length of its header. */
const formatLimit = 100_000_000;
const defaultLimit = 16 * 1024 * 1024;

/** The header limit in bytes that `options` ask for. */
export function headerLimit({ maxHeaderBytes = defaultLimit }: HeaderOptions): number {
  return Math.min(maxHeaderBytes, formatLimit);
}

function invalid(
  code: string,
  file: string,
  problem: string,
  details: Record<string, unknown> = {},
): WebsslError {
  return new WebsslError({
    code: `SAFETENSORS_${code}`,
    message: `${file} is not a valid safetensors file: ${problem}.`,
    details: { file, ...details },
  });
}

/**
 * Reads and checks the header of a safetensors file; the tensors' data is not read. Stricter than the format asks where
 * that stops attacks: no name twice, no count above 2^53 - 1.
 * Format: github.com/huggingface/safetensors, README, "Format".
 * @throws WebsslError `SAFETENSORS_*`; the package's README has the table.
 */
export function readSafetensorsHeader(file: string, options: HeaderOptions = {}): Promise<SafetensorsHeader> {
  const limit = headerLimit(options);
  return withOpenFile('SAFETENSORS', file, async (handle, byteLength) => {
    const prefix = new Uint8Array(8);
    if ((await readFully(handle, prefix, 0)) < 8) {
      throw invalid(
        'TRUNCATED',
        file,
        `it has ${byteLength} bytes, less than the 8 that hold the header's length`,
      );
    }
    // A checkout without git-lfs has text files in place of the weights: "version https://git-lfs.github.com/spec/v1 ...".
    if (new TextDecoder().decode(prefix) === 'version ') {
      throw invalid(
        'LFS_POINTER',
        file,
        `it has ${byteLength} bytes of text, the pointer that git puts in place of a large file. Fetch the file itself: git lfs pull`,
      );
    }
    const headerLength = new DataView(prefix.buffer).getBigUint64(0, true);
    if (headerLength > BigInt(byteLength - 8)) {
      throw invalid(
        'TRUNCATED',
        file,
        `its header should have ${headerLength} bytes, the file has ${byteLength}. The file is cut short, or of another format`,
      );
    }
    if (headerLength > BigInt(limit)) {
      throw invalid(
        'HEADER_TOO_LARGE',
        file,
        `its header should have ${headerLength} bytes, more than the limit of ${limit}`,
        { limit },
      );
    }
    const bytes = new Uint8Array(Number(headerLength));
    await readFully(handle, bytes, 8);
    return parseSafetensorsHeader(file, bytes, byteLength);
  });
}

function parseSafetensorsHeader(file: string, bytes: Uint8Array, byteLength: number): SafetensorsHeader {
  const dataOffset = 8 + bytes.length;
  const { tensors: members, metadata } = parseMembers(file, bytes);
  const entries = [...members].map(([name, value]) => parseEntry(file, name, value, dataOffset));
  entries.sort((a, b) => a.offset - b.offset || a.byteLength - b.byteLength);

  let end = dataOffset;
  let previous = 'the header';
  for (const entry of entries) {
    if (entry.offset !== end) {
      const begin = entry.offset - dataOffset;
      throw invalid(
        'OFFSETS_INVALID',
        file,
        `tensor ${quoted(entry.name)} begins at ${begin} of the data, but ${previous} ends at ${end - dataOffset}: ` +
          (entry.offset > end ? 'there must be no hole' : 'tensors must not overlap'),
        { tensor: entry.name, begin, end: begin + entry.byteLength },
      );
    }
    end += entry.byteLength;
    previous = `tensor ${quoted(entry.name)}`;
  }
  if (end > byteLength) {
    throw invalid(
      'TRUNCATED',
      file,
      `${previous} ends at byte ${end}, but the file has ${byteLength} bytes. Fetch it again`,
    );
  }
  if (end < byteLength) {
    throw invalid(
      'TRAILING_BYTES',
      file,
      `${byteLength - end} bytes follow the last tensor, which ends at byte ${end}`,
    );
  }
  return {
    file,
    tensors: new Map(entries.map((entry) => [entry.name, entry])),
    metadata,
    dataOffset,
    byteLength,
  };
}

function parseMembers(
  file: string,
  bytes: Uint8Array,
): { tensors: ReadonlyMap<string, JsonValue>; metadata: Readonly<Record<string, string>> } {
  if (bytes[0] !== 0x7b) throw invalid('HEADER_INVALID', file, 'its header does not begin with "{"');
  let parsed: JsonValue;
  try {
    parsed = parseStrictJson(new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes));
  } catch (error) {
    if (!(error instanceof JsonProblem)) throw invalid('HEADER_INVALID', file, 'its header is not UTF-8');
    if (error.duplicate === undefined) {
      throw invalid('HEADER_INVALID', file, `its header is not JSON: ${error.message}`);
    }
    throw invalid('DUPLICATE_NAME', file, `in its header ${error.message}`, { tensor: error.duplicate });
  }
  if (!(parsed instanceof Map)) throw invalid('HEADER_INVALID', file, 'its header is not a JSON object');
  const tensors = new Map<string, JsonValue>(parsed);
  tensors.delete('__metadata__');
  return { tensors, metadata: parseMetadata(file, parsed.get('__metadata__') ?? null) };
}

function parseMetadata(file: string, value: JsonValue): Readonly<Record<string, string>> {
  // Without a prototype, a metadata name such as __proto__ is only a name.
  const metadata: Record<string, string> = Object.create(null);
  if (value === null) return metadata;
  if (!(value instanceof Map)) throw invalid('HEADER_INVALID', file, 'its __metadata__ is not an object');
  for (const [name, text] of value) {
    if (typeof text !== 'string') {
      throw invalid('HEADER_INVALID', file, `the __metadata__ value of ${quoted(name)} is not a string`);
    }
    metadata[name] = text;
  }
  return metadata;
}

function parseEntry(file: string, name: string, value: JsonValue, dataOffset: number): TensorEntry {
  const label = quoted(name);
  if (!(value instanceof Map)) {
    throw invalid('HEADER_INVALID', file, `the entry of tensor ${label} is not an object`, { tensor: name });
  }
  const type = value.get('dtype');
  if (typeof type !== 'string' || !isTensorType(type)) {
    throw invalid('TYPE_UNKNOWN', file, `tensor ${label} has the unknown dtype ${show(type)}`, {
      tensor: name,
    });
  }
  const shape = counts(value.get('shape'));
  if (shape === undefined) {
    throw invalid(
      'HEADER_INVALID',
      file,
      `tensor ${label} has the shape ${show(value.get('shape'))}; it must be a list of whole numbers from 0 to 2^53 - 1`,
      { tensor: name },
    );
  }
  const [begin, end, ...more] = counts(value.get('data_offsets')) ?? [];
  if (begin === undefined || end === undefined || more.length > 0 || begin > end) {
    throw invalid(
      'OFFSETS_INVALID',
      file,
      `tensor ${label} has the data_offsets ${show(value.get('data_offsets'))}; they must be [begin, end] with 0 <= begin <= end`,
      { tensor: name },
    );
  }
  const expected = bytesOfTensor(type, shape);
  if (expected !== end - begin) {
    throw invalid(
      'SHAPE_MISMATCH',
      file,
      `tensor ${label} of dtype ${type} and shape ${show(shape)} takes ${expected ?? 'no countable number of'} bytes, ` +
        `but its data_offsets [${begin}, ${end}] span ${end - begin}`,
      { tensor: name, begin, end },
    );
  }
  return { name, type, shape, file, offset: dataOffset + begin, byteLength: end - begin };
}

/** The value as a list of counts, `undefined` where it is anything else. */
function counts(value: JsonValue | undefined): number[] | undefined {
  if (!Array.isArray(value)) return undefined;
  const list: readonly JsonValue[] = value;
  const numbers = list.filter((item) => typeof item === 'number');
  return numbers.length === list.length ? numbers : undefined;
}

/** A value for a message, numbers as they were written, cut where it is long. */
function show(value: JsonValue | undefined): string {
  const text = spell(value);
  return text.length > 100 ? `${text.slice(0, 100)}...` : text;
}

function spell(value: JsonValue | undefined): string {
  if (value === undefined) return '(none)';
  if (value instanceof NumberLiteral) return value.literal;
  if (value instanceof Map) return '{...}';
  return Array.isArray(value) ? `[${value.map(spell).join(', ')}]` : JSON.stringify(value);
}
