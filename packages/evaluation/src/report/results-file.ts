import { type EvaluationRecord, recordSchemas } from '@webssl/checker';
import { z } from 'zod';
import type { ReportContent } from './report-content.js';

const number = z.preprocess(
  (value) => (value === 'NaN' || value === 'Infinity' || value === '-Infinity' ? Number(value) : value),
  z.union([z.number(), z.nan(), z.literal([Infinity, -Infinity])]),
);
const count = z.int().min(0);

const damagedSchema = z.object({ record: z.literal('log.damaged'), line: count, message: z.string() });
const recordSchema = z.union([
  damagedSchema,
  z.looseObject({ record: z.string() }).transform((value, context): EvaluationRecord => {
    const schema = (recordSchemas as Partial<Record<string, z.ZodType<object>>>)[value.record];
    const parsed = schema?.safeParse(value);
    if (parsed?.success) return { ...parsed.data, record: value.record } as EvaluationRecord;
    const reason = parsed === undefined ? 'is no record' : z.prettifyError(parsed.error);
    context.addIssue(`${value.record}: ${reason}`);
    return z.NEVER;
  }),
]);

/** What `results.json` holds; numbers that JSON does not know are numbers again after parsing. */
export const resultsSchema = z.object({
  schema: z.literal(1),
  verdict: z.object({
    result: z.enum(['PASS', 'FAIL']),
    rules: z.array(
      z.object({
        name: z.string(),
        status: z.enum(['PASS', 'FAIL', 'MISSING']),
        measured: z.string().optional(),
        bound: z.string().optional(),
        note: z.string().optional(),
      }),
    ),
  }),
  records: z.array(recordSchema),
  images: z.array(
    z.object({
      index: count,
      image: z.string(),
      /** Patches a column and a row. */
      rows: count,
      columns: count,
      /** Relative L2 error of every patch token of `last_hidden_state`, row by row. */
      patch_errors: z.array(number),
    }),
  ),
  /** The command that made it. */
  command: z.string(),
});

/**
 * `results.json` in pieces, each small: all of them together may be longer than a string can be. NaN and infinities are
 * strings, as in a log of JSON lines.
 */
export function* formatResults({
  records,
  verdict,
  images,
  command,
}: ReportContent): Generator<string, void> {
  yield '{"schema":1,"verdict":{"result":';
  yield toJson(verdict.result);
  yield ',"rules":[';
  yield* elements(verdict.rules);
  yield ']},"records":[\n';
  yield* elements(records);
  yield '],"images":[\n';
  yield* elements(images, ({ index, image, rows, columns, patchErrors }) => ({
    index,
    image,
    rows,
    columns,
    patch_errors: [...patchErrors],
  }));
  yield `],"command":${toJson(command)}}\n`;
}

function* elements<Item>(
  items: readonly Item[],
  shown: (item: Item) => unknown = (item) => item,
): Generator<string, void> {
  for (const [position, item] of items.entries()) {
    yield `${position === 0 ? '' : ',\n'}${toJson(shown(item))}`;
  }
}

function toJson(value: unknown): string {
  return JSON.stringify(value, (_, part: unknown) =>
    typeof part === 'number' && !Number.isFinite(part) ? String(part) : part,
  );
}
