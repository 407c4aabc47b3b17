import { nmsePresets } from '@webssl/checker';
import { InvalidArgumentError } from 'commander';

/** Reads batch sizes such as `1,4,8`. */
export function parseBatches(text: string): number[] {
  const parts = text.split(',').map((part) => part.trim());
  if (!parts.every((part) => /^[1-9]\d{0,5}$/.test(part))) {
    throw new InvalidArgumentError('Write batch sizes separated by commas, such as 1,4,8.');
  }
  return [...new Set(parts.map(Number))].sort((a, b) => a - b);
}

/** Reads a ratio above 0: `0.01`, `1e-6`, `1%` or the name of a precision (`fp32`, `fp16`, `int8`). */
export function parseRatio(text: string): number {
  const preset = Object.entries(nmsePresets).find(([name]) => name === text)?.[1];
  if (preset !== undefined) return preset;
  const ratio = text.endsWith('%') ? parseNumber(text.slice(0, -1)) / 100 : parseNumber(text);
  if (!(ratio > 0)) throw new InvalidArgumentError('Write a ratio above 0, such as 0.01, 1% or fp16.');
  // Who types 1 means one per cent.
  if (ratio >= 1 && !text.endsWith('%'))
    throw new InvalidArgumentError(`${text} is ${ratio * 100} %. Write ${text}% for per cent.`);
  return ratio;
}

/** Reads the name of a file for an SVG: under another name no program would show it. */
export function parsePictureFile(text: string): string {
  if (!/\.svg$/i.test(text)) throw new InvalidArgumentError('It is an SVG: write a name that ends in .svg.');
  return text;
}

/** Reads a number above 0. */
export function parsePositiveNumber(text: string): number {
  const number = parseNumber(text);
  if (!(number > 0)) throw new InvalidArgumentError('Write a number above 0.');
  return number;
}

/** Reads a whole number of at least 0. */
export function parseWhole(text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new InvalidArgumentError('Write a whole number, 0 or more.');
  return Number(text);
}

/** Reads a number of seconds, 0 or more. */
export function parseSeconds(text: string): number {
  const seconds = parseNumber(text);
  if (!(seconds >= 0 && seconds <= 86_400)) throw new InvalidArgumentError('Write seconds, 0 to 86400.');
  return seconds;
}

/** Adds one value of an option that may be given several times. */
export function collect(value: string, before: readonly string[] | undefined): string[] {
  return [...(before ?? []), value];
}

function parseNumber(text: string): number {
  const number = /^\d+(\.\d+)?(e[+-]?\d+)?$/i.test(text) ? Number(text) : Number.NaN;
  return Number.isFinite(number) ? number : Number.NaN;
}
