import fc from 'fast-check';
import { z } from 'zod';
import { count, counts, figure, flag, names, positive, schemaVersion } from '../record-fields.js';
import { type EvaluationRecord, recordSchemas } from '../records.js';

/** Text with everything in it that a line, a value, a list or a terminal could be broken by. */
export const anyText = fc
  .array(
    fc.oneof(
      fc.constantFrom('"', "'", '\\', '\\n', '\n', '\r', '\t', '=', ' ', ',', '[', ']', '{', '\0', '\u001b'),
      fc.constantFrom(
        '\u0085',
        '\u00a0',
        '\u2028',
        '\u202e',
        '\ufeff',
        '\ud800',
        'RESULT: PASS',
        '\udc00',
        '\u{1f415}',
        'NaN',
        'true',
        '1',
      ),
      fc.string({ unit: 'binary', maxLength: 3 }),
    ),
    { maxLength: 6 },
  )
  .map((parts) => parts.join(''));

/** All but -0, which text does not tell from 0. */
const number = fc.double().map((value) => (value === 0 ? 0 : value));
const whole = fc.maxSafeNat();
const atLeastOne = fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER });

const ofField = new Map<unknown, fc.Arbitrary<unknown>>([
  [count, whole],
  [counts, fc.array(atLeastOne, { minLength: 1, maxLength: 5 })],
  [figure, number],
  [flag, fc.boolean()],
  [names, fc.array(anyText, { minLength: 1, maxLength: 4 })],
  [positive, atLeastOne],
  [schemaVersion, fc.constant(1)],
]);

function anyValue(schema: unknown): fc.Arbitrary<unknown> {
  const known = ofField.get(schema);
  if (known !== undefined) return known;
  if (schema instanceof z.ZodOptional) return anyValue(schema.unwrap());
  if (schema instanceof z.ZodEnum) return fc.constantFrom(...schema.options);
  if (schema instanceof z.ZodLiteral) return fc.constantFrom(...schema.values);
  if (schema instanceof z.ZodString)
    return anyText.filter((value) => value.length >= (schema.minLength ?? 0));
  throw new Error('a kind of field that nothing is generated for');
}

function fieldsOf({ shape }: z.ZodObject): fc.Arbitrary<object> {
  const required = Object.keys(shape).filter((key) => !(shape[key] instanceof z.ZodOptional));
  const values = Object.entries(shape).map(([key, schema]) => [key, anyValue(schema)]);
  return fc.record<Record<string, unknown>>(Object.fromEntries(values), {
    requiredKeys: required,
    noNullPrototype: true,
  });
}

/** Records of every name, with anything in them that their schemas allow. */
export const anyRecord: fc.Arbitrary<EvaluationRecord> = fc.oneof(
  ...Object.entries(recordSchemas).flatMap(([record, schema]) =>
    (schema instanceof z.ZodObject ? [schema] : schema.options).map((object) =>
      fieldsOf(object).map((fields) => ({ record, ...fields }) as EvaluationRecord),
    ),
  ),
);
