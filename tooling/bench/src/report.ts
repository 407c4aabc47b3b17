import { formatTable } from '@webssl-tooling/text-table';
import { type Check, verdictOf } from './checks.js';
import { gigabytes } from './format.js';
import type { Machine } from './machine.js';
import type { Section } from './section.js';

/** Above this share of the cores, others disturb what is measured. */
const quietShare = 0.05;

export function formatMachine({
  processor,
  cores,
  memoryBytes,
  system,
  node,
  libraries,
  busyShare,
}: Machine): string {
  const versions = Object.entries({ Node: node, ...libraries }).map(
    ([name, version]) => `${name} ${version}`,
  );
  const percent = `${(100 * busyShare).toFixed(0)} %`;
  return [
    `${processor}, ${cores} cores, ${gigabytes(memoryBytes)} of memory`,
    system,
    versions.join(', '),
    busyShare > quietShare
      ? `THE MACHINE IS BUSY: others use ${percent} of the cores, so expect times that are too long and uneven`
      : `others use ${percent} of the cores`,
  ].join('\n');
}

export function formatSection({ title, header, rows, notes }: Section): string {
  return [title, '', formatTable(header, rows, 'figures'), '', ...notes].join('\n');
}

/** Every bound, what was measured, and the verdict. */
export function formatChecks(checks: readonly Check[]): string {
  const rows = checks.map((check) => {
    const { name, unit = '', bound, measured } = check;
    const [sign, limit] = 'atMost' in bound ? ['<=', bound.atMost] : ['>=', bound.atLeast];
    const value = typeof measured === 'number' ? withUnit(significant(measured), unit) : measured.missing;
    return [name, withUnit(`${sign} ${limit}`, unit), verdictOf(check), value];
  });
  return formatTable(['bound', 'limit', 'verdict', 'measured'], rows, 'words');
}

function withUnit(text: string, unit: string): string {
  return `${text} ${unit}`.trimEnd();
}

function significant(value: number): string {
  return Number(value.toPrecision(4)).toString();
}
