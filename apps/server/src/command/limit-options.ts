import { parseCount } from '@webssl/command-line';
import { type Command, InvalidArgumentError } from 'commander';
import { type LimitDescription, type LimitName, limitNames, limitTable } from '../limits/server-limits.js';

/** The flags of the limits table; `--timeout` is in seconds. */
export function addLimits(command: Command): Command {
  for (const name of limitNames) {
    const { flag, meaning, unit, byDefault } = limitTable[name];
    const { value, parse, show } = kinds[unit];
    command.option(`${flag} <${value}>`, `limit: ${meaning} (default: ${show(byDefault)})`, parse);
  }
  return command;
}

interface Kind {
  readonly value: string;
  readonly parse: (text: string) => number;
  readonly show: (value: number) => string;
}

const count: Kind = { value: 'count', parse: parseCount, show: String };
const kinds: Readonly<Record<LimitDescription['unit'], Kind>> = {
  bytes: { value: 'size', parse: parseBytes, show: (bytes) => `${bytes / 2 ** 20}MiB` },
  milliseconds: {
    value: 'seconds',
    parse: parseSeconds,
    show: (milliseconds) => String(milliseconds / 1000),
  },
  pixels: count,
  images: count,
  connections: count,
};

/** The name under which commander keeps the value of a limit's flag. */
export function optionOf(name: LimitName): string {
  return limitTable[name].flag.slice(2).replace(/-(.)/g, (_, letter: string) => letter.toUpperCase());
}

/** Reads bytes: `65536`, `64KiB`, `64MiB`, `1GiB`. */
export function parseBytes(text: string): number {
  const [, digits, unit = ''] = /^([1-9]\d{0,14})(KiB|MiB|GiB)?$/i.exec(text) ?? [];
  const power = ['', 'kib', 'mib', 'gib'].indexOf(unit.toLowerCase());
  const bytes = Number(digits) * 1024 ** power;
  if (!Number.isSafeInteger(bytes))
    throw new InvalidArgumentError('Write bytes, such as 65536, 64KiB or 64MiB.');
  return bytes;
}

/** Reads a time in seconds, above 0 and below a day. */
export function parseSeconds(text: string): number {
  const seconds = /^\d{1,5}(\.\d{1,3})?$/.test(text) ? Number(text) : 0;
  if (seconds <= 0 || seconds > 86_400)
    throw new InvalidArgumentError('Write seconds, above 0, such as 30 or 0.5.');
  return seconds;
}
