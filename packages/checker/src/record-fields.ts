import { z } from 'zod';
import { splitList } from './list-text.js';

/** The version of the records; a log says it in its plans. Raised when a reader of the old one would misread the new. */
export const recordSchemaVersion = 1;

/** Text of a log or a JSON value becomes a number; numbers that JSON does not know are written as words. */
const numberOf = (value: unknown): unknown => {
  if (typeof value !== 'string') return value;
  if (value === 'NaN' || value === 'Infinity' || value === '-Infinity') return Number(value);
  return /^-?\d+(\.\d+)?(e[+-]?\d+)?$/i.test(value) ? Number(value) : value;
};
const listOf = (separator: ',' | ' ') => (value: unknown) =>
  typeof value === 'string' ? splitList(value, separator) : value;

/** The version that a plan was written with. */
export const schemaVersion = z.preprocess(numberOf, z.literal(recordSchemaVersion));
/** A measured number. NaN and infinity are kept: they are what the checker must see. */
export const figure = z.preprocess(
  numberOf,
  z.union([z.number(), z.nan(), z.literal([Infinity, -Infinity])], { error: 'expected a number' }),
);
/** A whole number of at least 0. */
export const count = z.preprocess(numberOf, z.int().min(0));
/** A whole number of at least 1. */
export const positive = z.preprocess(numberOf, z.int().min(1));
export const flag = z.preprocess(
  (value) => (value === 'true' ? true : value === 'false' ? false : value),
  z.boolean(),
);
export const text = z.string();
/** Whole numbers, in text with commas: `1,4,8`. */
export const counts = z.preprocess(listOf(','), z.array(positive).min(1));
/** Names, in text with spaces: `cpu acl-native:fp16@1`; where one holds a space, a JSON array. */
export const names = z.preprocess(listOf(' '), z.array(text).min(1));
