import { truncateSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { type EvaluationRecord, judge, recordSchemas, recordsOf } from '@webssl/checker';
import { type WritableTensor, writeSafetensors } from '@webssl/tensor-files';
import { goldenOutputs } from '@webssl-tooling/fixtures';
import { describe, expect, it } from 'vitest';
import { scratchFolder } from '../testing/scratch-folder.js';
import { type CompareTensorFilesOptions, compareTensorFiles } from './compare-tensor-files.js';

const scratch = scratchFolder();
let files = 0;
type Tensors = Readonly<Record<string, WritableTensor>>;

async function written(tensors: Tensors): Promise<string> {
  const path = scratch.path(`${files++}.safetensors`);
  await writeSafetensors(path, tensors);
  return path;
}

async function compare(reference: Tensors, candidate: Tensors, options: CompareTensorFilesOptions = {}) {
  const paths = [await written(reference), await written(candidate)] as const;
  return (await compareTensorFiles(...paths, options)).records;
}

/** Collects the records of a run that is to fail. */
function collecting(): { records: EvaluationRecord[]; onRecord: (record: EvaluationRecord) => void } {
  const records: EvaluationRecord[] = [];
  return { records, onRecord: (record) => records.push(record) };
}

const verdictOf = (records: readonly EvaluationRecord[]) =>
  judge(records, {}, { expect: ['comparison'] }).result;

const float32 = (dims: readonly number[], ...values: number[]): WritableTensor => ({
  data: new Float32Array(values),
  dims,
});
/** Numbers of 16 bits, as their bits. */
const half = (type: 'F16' | 'BF16', ...bits: number[]): WritableTensor => ({
  data: new Uint16Array(bits),
  dims: [bits.length],
  type,
});
const golden = (image: string) => {
  const found = goldenOutputs().find(
    (entry) => entry.checkpoint === 'vit-tiny-p14' && entry.image === image && entry.size === null,
  );
  return found?.path ?? '';
};

describe('a comparison of two files', () => {
  it('gives what numpy gives for the features that the reference implementation wrote', async () => {
    const { records } = await compareTensorFiles(golden('astronaut.png'), golden('chelsea.png'));
    // numpy 2.4.6, both sides as float64: sum((c - a)**2) / sum(a**2), c.dot(a) / (norm(c) * norm(a)), max(abs(c - a));
    // the CLS token is [:, 0] of last_hidden_state.
    const expected = [
      ['last_hidden_state', 16448, 0.9974929092108894, 0.4991490445009253, 5.521809339523315],
      ['last_hidden_state.cls', 64, 0.7038486920734008, 0.6562074448553613, 2.3667930364608765],
      ['pixel_values', 150528, 1.1374129267713764, 0.09851066364846431, 4.165577173233032],
    ] as const;
    for (const [tensor, values, nmse, cosine, maximum] of expected) {
      const [found] = recordsOf(records, 'accuracy.tensor').filter((one) => one.tensor === tensor);
      expect(found).toMatchObject({
        values,
        nmse: expect.closeTo(nmse, 11),
        nmse_percent: expect.closeTo(100 * nmse, 9),
        relative_l2: expect.closeTo(Math.sqrt(nmse), 11),
        cosine: expect.closeTo(cosine, 11),
        max_abs_error: expect.closeTo(maximum, 11),
        not_finite: 0,
        reference_not_finite: 0,
      });
      expect(found).not.toHaveProperty('problem');
    }
  });

  it('records a plan, the machine, each tensor and an end, all as their schemas say', async () => {
    const seen: EvaluationRecord[] = [];
    const tensors = { first: float32([2], 1, 2), second: float32([1], 4) };
    const records = await compare(tensors, tensors, {
      maxNmse: 0.5,
      onRecord: (record) => seen.push(record),
    });
    expect(seen).toEqual(records);
    expect(records).toMatchObject([
      { record: 'run.plan', kind: 'comparison', schema: 1, tensors: 2, max_nmse: 0.5 },
      { record: 'run.environment' },
      { record: 'accuracy.tensor', tensor: 'first', nmse: 0 },
      { record: 'accuracy.tensor', tensor: 'second', nmse: 0 },
      { record: 'run.end', status: 'complete', records: 4 },
    ]);
    for (const { record, ...fields } of records) expect(recordSchemas[record].parse(fields)).toEqual(fields);
    expect(verdictOf(records)).toBe('PASS');
  });

  it('gives what is worked by hand, of last_hidden_state also the CLS tokens of all images', async () => {
    // Two images of two tokens of two values; the first token of each is its CLS token.
    const records = await compare(
      { last_hidden_state: float32([2, 2, 2], 3, 4, 1, 1, 0, 5, 2, 2) },
      { last_hidden_state: float32([2, 2, 2], 3, 4, 1, 3, 0, 6, 2, 2) },
    );
    expect(recordsOf(records, 'run.plan')).toMatchObject([{ tensors: 2 }]);
    // Whole: 4 + 1 = 5 over 25 + 2 + 25 + 8 = 60. CLS: 1 over 25 + 25.
    expect(recordsOf(records, 'accuracy.tensor')).toMatchObject([
      { tensor: 'last_hidden_state', values: 8, nmse: 5 / 60, max_abs_error: 2 },
      { tensor: 'last_hidden_state.cls', values: 4, nmse: 1 / 50, max_abs_error: 1 },
    ]);
  });

  it('compares float formats with each other: half precision exactly, float64 as float32', async () => {
    const records = await compare(
      {
        f16: half('F16', 0x3c00, 0xc000), // 1, -2
        bf16: half('BF16', 0x3f80, 0xc000), // 1, -2
        f64: { data: new Float64Array([1, -2]), dims: [2] },
      },
      { f16: float32([2], 1, -3), bf16: half('F16', 0x3c00, 0xc200), f64: half('BF16', 0x3f80, 0xc040) },
    );
    // Each has -3 where -2 belongs: 1 over 1 + 4.
    const found = recordsOf(records, 'accuracy.tensor').map(({ tensor, nmse }) => [tensor, nmse]);
    expect(new Map(found as [string, number][])).toEqual(
      new Map(['f16', 'bf16', 'f64'].map((name) => [name, 0.2])),
    );
  });

  it.each<[string, WritableTensor, WritableTensor, object]>([
    ['other shapes', float32([2, 1], 1, 2), float32([1, 2], 1, 2), { problem: 'shape-mismatch', values: 0 }],
    ['a reference that is all zero', float32([2], 0, 0), float32([2], 0, 0), { problem: 'zero-reference' }],
    [
      'NaN and infinity in the candidate',
      float32([3], 1, 2, 3),
      float32([3], 1, Number.NaN, Number.POSITIVE_INFINITY),
      { problem: 'not-finite', not_finite: 2, reference_not_finite: 0 },
    ],
    [
      'NaN in the reference',
      float32([2], 1, Number.NaN),
      float32([2], 1, 2),
      { problem: 'not-finite', not_finite: 0, reference_not_finite: 1 },
    ],
  ])('says what makes figures impossible, and fails: %s', async (_, reference, candidate, problem) => {
    const records = await compare({ features: reference }, { features: candidate });
    expect(recordsOf(records, 'accuracy.tensor')).toMatchObject([
      { tensor: 'features', nmse: Number.NaN, cosine: Number.NaN, ...problem },
    ]);
    expect(records.at(-1)).toMatchObject({ record: 'run.end', status: 'complete' });
    expect(verdictOf(records)).toBe('FAIL');
  });

  it.each([
    ['another number of tokens', [1, 1, 2]],
    ['no batch dimension', [1, 2]],
    ['a dimension too many', [1, 2, 1, 1]],
  ])('finds CLS tokens of other shapes: %s', async (_, dims) => {
    const records = await compare(
      { last_hidden_state: float32([1, 2, 1], 1, 2) },
      { last_hidden_state: float32(dims, 1, 2) },
    );
    expect(recordsOf(records, 'accuracy.tensor')[0]).toMatchObject({ problem: 'shape-mismatch' });
    expect(recordsOf(records, 'accuracy.tensor')).toHaveLength(2);
    expect(verdictOf(records)).toBe('FAIL');
  });

  it('names a tensor that one of the files lacks, and compares the others', async () => {
    const common = float32([1], 1);
    const records = await compare(
      { common, 'only reference': float32([1], 2) },
      { common, 'only candidate': float32([1], 3) },
    );
    const [{ reference = '', candidate = '' } = {}] = recordsOf(records, 'run.plan').filter(
      (plan) => plan.kind === 'comparison',
    );
    const code = 'EVALUATION_TENSOR_MISSING';
    expect(recordsOf(records, 'run.error').map((error) => [error.code, error.message])).toEqual([
      [code, expect.stringContaining(`${candidate} has no tensor "only reference"`)],
      [code, expect.stringContaining(`${reference} has no tensor "only candidate"`)],
    ]);
    expect(recordsOf(records, 'accuracy.tensor').map(({ tensor, problem }) => [tensor, problem])).toEqual([
      ['common', undefined],
      ['only reference', 'shape-mismatch'],
      ['only candidate', 'shape-mismatch'],
    ]);
    expect(verdictOf(records)).toBe('FAIL');
  });

  it('goes on after a tensor that is no floating-point numbers', async () => {
    const tensors: Tensors = {
      features: float32([1], 1),
      ids: { data: new BigInt64Array([1n, 2n]), dims: [2] },
    };
    const records = await compare(tensors, tensors);
    expect(recordsOf(records, 'run.error')).toMatchObject([
      { code: 'SAFETENSORS_TYPE_UNSUPPORTED', message: expect.stringContaining('"ids"') },
    ]);
    expect(recordsOf(records, 'accuracy.tensor').map(({ tensor }) => tensor)).toEqual(['features']);
    expect(verdictOf(records)).toBe('FAIL');
  });
});

describe('a comparison that cannot be', () => {
  it('is refused without records for a bound that is none', async () => {
    const { records, onRecord } = collecting();
    const path = await written({ features: float32([1], 1) });
    await expect(compareTensorFiles(path, path, { maxNmse: -1, onRecord })).rejects.toMatchObject({
      code: 'EVALUATION_OPTION_INVALID',
      message: expect.stringContaining('maxNmse cannot be -1'),
    });
    expect(records).toEqual([]);
  });

  it.each(['reference', 'candidate'])(
    'is refused without records for a file that is none: %s',
    async (side) => {
      const { records, onRecord } = collecting();
      const good = await written({ features: float32([1], 1) });
      const absent = scratch.path('absent.safetensors');
      const damaged = scratch.path(`damaged-${side}.safetensors`);
      await writeFile(damaged, 'this is not a safetensors file');
      for (const [bad, code] of [
        [absent, /^SAFETENSORS_FILE_MISSING$/],
        [damaged, /^SAFETENSORS_/],
      ] as const) {
        const paths = side === 'reference' ? ([bad, good] as const) : ([good, bad] as const);
        await expect(compareTensorFiles(...paths, { onRecord })).rejects.toMatchObject({
          code: expect.stringMatching(code),
        });
      }
      expect(records).toEqual([]);
    },
  );

  it('fails after its plan when not one tensor can be read, as one of a file that is cut short meanwhile', async () => {
    const { records, onRecord } = collecting();
    const whole = await written({ features: float32([4], 1, 2, 3, 4) });
    const cut = await written({ features: float32([4], 1, 2, 3, 4) });
    const run = compareTensorFiles(whole, cut, {
      onRecord: (record) => {
        onRecord(record);
        if (record.record === 'run.plan') truncateSync(cut, 80);
      },
    });
    await expect(run).rejects.toMatchObject({ code: 'EVALUATION_NOTHING_COMPARED' });
    expect(recordsOf(records, 'run.error').map(({ code }) => code)).toEqual([
      'SAFETENSORS_FILE_CHANGED',
      'EVALUATION_NOTHING_COMPARED',
    ]);
    expect(records.at(-1)).toMatchObject({ record: 'run.end', status: 'failed' });
    expect(verdictOf(records)).toBe('FAIL');
  });

  it('fails when the files hold nothing', async () => {
    const { records, onRecord } = collecting();
    const empty = await written({});
    await expect(compareTensorFiles(empty, empty, { onRecord })).rejects.toMatchObject({
      code: 'EVALUATION_NOTHING_COMPARED',
    });
    expect(records.at(-1)).toMatchObject({ record: 'run.end', status: 'failed' });
  });

  it('ends with the reason of the signal, and its records say that it was interrupted', async () => {
    const { records, onRecord } = collecting();
    const abort = new AbortController();
    const path = await written({ first: float32([1], 1), second: float32([1], 1) });
    const run = compareTensorFiles(path, path, {
      signal: abort.signal,
      onRecord: (record) => {
        onRecord(record);
        if (record.record === 'accuracy.tensor') abort.abort(new Error('enough'));
      },
    });
    await expect(run).rejects.toThrow('enough');
    expect(recordsOf(records, 'accuracy.tensor')).toHaveLength(1);
    expect(records.at(-1)).toMatchObject({ record: 'run.end', status: 'interrupted' });
    expect(verdictOf(records)).toBe('FAIL');
  });
});
