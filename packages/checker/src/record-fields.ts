import { z } from 'zod';

/** The version of the records below; a log says it in its plans. Raised when a reader of the old one would misread the new. */
export const recordSchemaVersion = 1;

/** Text of a log or a JSON value becomes a number; numbers that JSON does not know are written as words. */
const numberOf = (value: unknown): unknown => {
  if (typeof value !== 'string') return value;
  if (value === 'NaN' || value === 'Infinity' || value === '-Infinity') return Number(value);
  return /^-?\d+(\.\d+)?(e[+-]?\d+)?$/i.test(value) ? Number(value) : value;
};
const listOf = (separator: RegExp) => (value: unknown) =>
  typeof value === 'string' ? value.split(separator).filter((part) => part !== '') : value;

/** A measured number. NaN and infinity are kept: they are what the checker must see. */
export const figure = z.preprocess(
  numberOf,
  z.union([z.number(), z.nan(), z.literal([Infinity, -Infinity])]),
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
export const counts = z.preprocess(listOf(/,/), z.array(positive).min(1));
/** Names without spaces, in text with spaces: `cpu acl-native:fp16@1`. */
export const names = z.preprocess(listOf(/ /), z.array(text).min(1));
