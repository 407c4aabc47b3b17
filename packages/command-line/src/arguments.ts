import type { ImageSize } from '@webssl/backend';
import { InvalidArgumentError } from 'commander';

/** Reads `448` (a side: shortest edge and crop) or `448x672` (height x width). */
export function parseImageSize(text: string): number | ImageSize {
  const match = /^([1-9]\d{0,4})(?:x([1-9]\d{0,4}))?$/.exec(text);
  if (match === null)
    throw new InvalidArgumentError('Write a side such as 448, or height x width such as 448x672.');
  return match[2] === undefined ? Number(match[1]) : { height: Number(match[1]), width: Number(match[2]) };
}

/** Reads a whole number of at least 1. */
export function parseCount(text: string): number {
  if (!/^[1-9]\d{0,8}$/.test(text)) throw new InvalidArgumentError('Write a whole number of at least 1.');
  return Number(text);
}

/** Reads a TCP port; 0 lets the system choose one. */
export function parsePort(text: string): number {
  const port = Number(text);
  if (!/^\d{1,5}$/.test(text) || port > 65_535)
    throw new InvalidArgumentError('Write a port from 0 to 65535.');
  return port;
}

/** Reads names separated by commas. */
export function parseNames(text: string): string[] {
  const names = text.split(',').map((name) => name.trim());
  if (names.includes('')) throw new InvalidArgumentError('Write names separated by commas.');
  return [...new Set(names)];
}
