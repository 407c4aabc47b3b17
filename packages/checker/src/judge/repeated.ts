import { groupBy } from './group-by.js';

/** Values that are there more than once, each once. */
export function repeated(values: readonly string[]): string[] {
  return [...groupBy(values, (value) => value)].flatMap(([value, { length }]) => (length > 1 ? [value] : []));
}
