import type { Rule } from '../verdict.js';
import { excerpt, shown } from '../words.js';
import { decide } from './decide.js';

type Place = readonly (string | number)[];

/** One of the things by which planned records differ, such as the batch size. */
interface Axis {
  readonly size: number;
  valueAt(position: number): string | number;
  has(value: string | number): boolean;
  inWords(value: string | number): string;
}

/** Whole numbers from 0 on. */
export function countingAxis(word: string, size: number): Axis {
  return {
    size,
    valueAt: (position) => position,
    has: (value) => typeof value === 'number' && value < size,
    inWords: (value) => `${word} ${value}`,
  };
}

/** The values that a plan names; one that it names twice counts once. */
export function namedAxis(word: string, values: readonly (string | number)[]): Axis {
  const distinct = new Set(values);
  const inOrder = [...distinct];
  return {
    size: distinct.size,
    valueAt: (position) => inOrder[position] ?? '',
    has: (value) => distinct.has(value),
    inWords: (value) => excerpt(word === '' ? String(value) : `${word} ${value}`),
  };
}

/**
 * Decides whether there is exactly one record for each combination of the axes' values, and no other.
 *
 * @param found where each record of the log belongs: a value for each axis
 */
export function judgeGrid(name: string, axes: readonly Axis[], found: readonly Place[]): Rule {
  const inWords = (place: Place) => axes.map((axis, at) => axis.inWords(place[at] ?? '')).join(', ');
  const places = new Map<string, number>();
  const wrong: string[] = [];
  let planned = 0;
  for (const place of found) {
    const key = JSON.stringify(place);
    const times = (places.get(key) ?? 0) + 1;
    places.set(key, times);
    if (!axes.every((axis, at) => axis.has(place[at] ?? ''))) wrong.push(`not planned: ${inWords(place)}`);
    else if (times === 1) planned++;
    else if (times === 2) wrong.push(`more than once: ${inWords(place)}`);
  }
  const total = axes.reduce((product, { size }) => product * size, 1);
  const missing: string[] = [];
  if (planned < total) {
    // Ends early: a plan may ask for more than there is time to look for.
    for (const place of combinations(axes)) {
      if (!places.has(JSON.stringify(place))) missing.push(`missing: ${inWords(place)}`);
      if (missing.length === shown) break;
    }
  }
  return decide(name, {
    measured: `${planned} of ${total}`,
    wrong,
    missing,
    missingCount: total - planned,
  });
}

function* combinations([first, ...others]: readonly Axis[]): Generator<Place> {
  if (first === undefined) {
    yield [];
    return;
  }
  for (let position = 0; position < first.size; position++) {
    for (const rest of combinations(others)) yield [first.valueAt(position), ...rest];
  }
}
