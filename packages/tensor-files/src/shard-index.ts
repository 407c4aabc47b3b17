import { access } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { WebsslError } from '@webssl/backend';
import { readFully, withOpenFile } from './file-reading.js';
import { type HeaderOptions, headerLimit, readSafetensorsHeader } from './safetensors-header.js';
import { JsonProblem, type JsonValue, NumberLiteral, parseStrictJson, quoted } from './strict-json.js';
import type { TensorEntry, TensorIndex } from './tensor-index.js';

/** What an index may name: a file of its own folder, numbered, and nothing with a path in it. */
const shardName = /^model-\d{5}-of-\d{5}\.safetensors$/;

function invalid(file: string, problem: string, details: Record<string, unknown> = {}): WebsslError {
  return new WebsslError({
    code: 'SAFETENSORS_INDEX_INVALID',
    message: `${file} is not a valid safetensors index: ${problem}.`,
    details: { file, ...details },
  });
}

/**
 * Opens a `model.safetensors.index.json` and the shards beside it. Index and shards must agree exactly: a tensor that a
 * shard holds and the index does not map to it is refused as well, because it shows that files of two checkpoints are mixed.
 * @throws WebsslError `SAFETENSORS_INDEX_INVALID`, `SAFETENSORS_SHARD_MISSING`, and those of reading a shard's header.
 */
export async function openShards(file: string, options: HeaderOptions): Promise<TensorIndex> {
  const { shardOfTensor, totalSize } = await readIndex(file, headerLimit(options));
  const shards = [...new Set(shardOfTensor.values())].sort();
  await requireAll(file, shards);

  const headers = [];
  for (const shard of shards) headers.push(await readSafetensorsHeader(join(dirname(file), shard), options));

  const tensors = new Map<string, TensorEntry>();
  for (const [position, header] of headers.entries()) {
    for (const entry of header.tensors.values()) {
      const mapped = shardOfTensor.get(entry.name);
      if (mapped !== shards[position]) {
        throw invalid(
          file,
          `shard ${shards[position]} holds tensor ${quoted(entry.name)}, which the index ` +
            (mapped === undefined ? 'does not map' : `maps to ${mapped}`),
          { tensor: entry.name, shard: shards[position] },
        );
      }
      tensors.set(entry.name, entry);
    }
  }
  for (const [name, shard] of shardOfTensor) {
    if (tensors.has(name)) continue;
    throw invalid(file, `it maps tensor ${quoted(name)} to ${shard}, which does not hold it`, {
      tensor: name,
      shard,
    });
  }
  const sum = [...tensors.values()].reduce((bytes, entry) => bytes + entry.byteLength, 0);
  if (totalSize !== undefined && totalSize !== sum) {
    throw invalid(file, `its total_size is ${totalSize} bytes, the tensors of the shards have ${sum}`, {
      totalSize,
      sum,
    });
  }
  return {
    tensors,
    metadata: headers[0]?.metadata ?? {},
    files: headers.map(({ file: shard, dataOffset, byteLength }) => ({
      file: shard,
      dataOffset,
      byteLength,
    })),
  };
}

async function requireAll(file: string, shards: readonly string[]): Promise<void> {
  const found = await Promise.all(
    shards.map((shard) =>
      access(join(dirname(file), shard)).then(
        () => true,
        () => false,
      ),
    ),
  );
  const missing = shards.filter((_, position) => !found[position]);
  if (missing.length === 0) return;
  throw new WebsslError({
    code: 'SAFETENSORS_SHARD_MISSING',
    message: `${missing.length} of the ${shards.length} shards of ${file} are missing beside it: ${missing.join(', ')}. Fetch them too.`,
    details: { file, missing },
  });
}

async function readIndex(
  file: string,
  limit: number,
): Promise<{ shardOfTensor: ReadonlyMap<string, string>; totalSize: number | undefined }> {
  const bytes = await withOpenFile('SAFETENSORS', file, async (handle, byteLength) => {
    if (byteLength > limit) {
      throw new WebsslError({
        code: 'SAFETENSORS_HEADER_TOO_LARGE',
        message: `The index ${file} has ${byteLength} bytes, more than the limit of ${limit}.`,
        details: { file, limit },
      });
    }
    const content = new Uint8Array(byteLength);
    await readFully(handle, content, 0);
    return content;
  });
  let parsed: JsonValue;
  try {
    parsed = parseStrictJson(new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes));
  } catch (error) {
    throw invalid(file, error instanceof JsonProblem ? error.message : 'it is not UTF-8');
  }
  if (!(parsed instanceof Map)) throw invalid(file, 'it is not a JSON object');
  return {
    shardOfTensor: parseWeightMap(file, parsed.get('weight_map')),
    totalSize: parseTotalSize(file, parsed),
  };
}

function parseWeightMap(file: string, value: JsonValue | undefined): ReadonlyMap<string, string> {
  if (!(value instanceof Map) || value.size === 0) throw invalid(file, 'it has no weight_map with tensors');
  const shardOfTensor = new Map<string, string>();
  for (const [name, shard] of value) {
    if (typeof shard !== 'string' || !shardName.test(shard)) {
      throw invalid(
        file,
        `it maps tensor ${quoted(name)} to ${typeof shard === 'string' ? quoted(shard) : 'no name'}; ` +
          'a shard must be named like model-00001-of-00002.safetensors, without a path',
        { tensor: name },
      );
    }
    shardOfTensor.set(name, shard);
  }
  return shardOfTensor;
}

function parseTotalSize(file: string, index: ReadonlyMap<string, JsonValue>): number | undefined {
  const metadata = index.get('metadata') ?? null;
  if (metadata === null) return undefined;
  if (!(metadata instanceof Map)) throw invalid(file, 'its metadata is not an object');
  const value: JsonValue = metadata.get('total_size') ?? null;
  if (value === null) return undefined;
  // Some writers make it a float, such as 2529617920.0.
  const size = value instanceof NumberLiteral ? Number(value.literal) : value;
  if (typeof size !== 'number' || !Number.isSafeInteger(size) || size < 0) {
    throw invalid(file, 'its total_size is not a number of bytes');
  }
  return size;
}
