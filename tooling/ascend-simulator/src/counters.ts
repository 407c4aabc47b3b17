import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { SimulatorCounters } from './simulator.js';

/** What every process left in a folder of counters, in the order of their process ids. */
export function readCounters(folder: string): SimulatorCounters[] {
  return readdirSync(folder)
    .filter((name) => name.endsWith('.txt'))
    .map((name) => parseCounters(readFileSync(join(folder, name), 'utf8')))
    .sort((first, second) => first.processId - second.processId);
}

/** The library writes every name of `SimulatorCounters`, one `name value` a line. */
function parseCounters(text: string): SimulatorCounters {
  const entries = text
    .trimEnd()
    .split('\n')
    .map((line) => line.split(' '));
  return Object.fromEntries(
    entries.map(([name, value]) => [name, Number(value)]),
  ) as unknown as SimulatorCounters;
}
