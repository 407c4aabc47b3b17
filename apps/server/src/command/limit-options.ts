import { parseCount } from '@webssl/command-line';
import { type Command, InvalidArgumentError } from 'commander';
import { type LimitName, limitNames, limitTable } from '../limits/server-limits.js';

/** The flags of the limits table; `--timeout` is in seconds. */
export function addLimits(command: Command): Command {
  for (const name of limitNames) {
    const { flag, meaning, unit, byDefault } = limitTable[name];
    const isTime = unit === 'milliseconds';
    command.option(
      `${flag} <${isTime ? 'seconds' : 'count'}>`,
      `limit: ${meaning}`,
      isTime ? parseSeconds : parseCount,
      isTime ? byDefault / 1000 : byDefault,
    );
  }
  return command;
}

/** The name under which commander keeps the value of a limit's flag. */
export function optionOf(name: LimitName): string {
  return limitTable[name].flag.slice(2).replace(/-(.)/g, (_, letter: string) => letter.toUpperCase());
}

/** Reads a time in seconds, above 0 and below a day. */
export function parseSeconds(text: string): number {
  const seconds = /^\d{1,5}(\.\d{1,3})?$/.test(text) ? Number(text) : 0;
  if (seconds <= 0 || seconds > 86_400)
    throw new InvalidArgumentError('Write seconds, above 0, such as 30 or 0.5.');
  return seconds;
}
