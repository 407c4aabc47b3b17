import type { DeviceProblem, DeviceSummary } from '@webssl/backend';
import { formatBytes, type Terminal } from '@webssl/command-line';
import { type BackendReport, probeDevices } from '@webssl/encoder';
import { exitCode } from '../exit-code.js';
import { type SystemFacts, systemFacts } from '../system-facts.js';

export interface DevicesOptions {
  readonly json?: boolean;
}

const width = 14;

/** What the details of a report are called here; those that are not listed keep their name. */
const labels: Readonly<Record<string, string>> = {
  libraryPath: 'path',
  soc: 'SoC',
  cannVersion: 'CANN',
  driverVersion: 'driver',
};

/** `webssl devices`: every backend with what it found, or why it cannot be used and what to do about it. */
export async function listDevices({ json }: DevicesOptions, terminal: Terminal): Promise<number> {
  const probing = probeDevices();
  const system = await systemFacts();
  if (json) {
    const backends = (await probing).map(({ backend, report }) => ({ backend, ...report }));
    terminal.result(JSON.stringify({ system, backends }));
    return exitCode.success;
  }
  terminal.result(describeSystem(system));
  for (const backend of await probing) terminal.result(`\n${describeBackend(backend)}`);
  return exitCode.success;
}

function describeSystem({ system, node, processor, processors, features, memory }: SystemFacts): string {
  return rows([
    ['system', `${system}, Node ${node}`],
    ['processor', `${processor}, ${processors} ${processors === 1 ? 'CPU' : 'CPUs'} to use`],
    ['features', features.join(' ') || 'unknown'],
    ['memory', describeMemory(memory.totalBytes, memory.freeBytes)],
  ]);
}

function describeBackend({ backend, report }: BackendReport): string {
  const { library, devices = [], details = {} } = report;
  const simulated = details['simulator'] === true ? ': A SIMULATOR, no hardware' : '';
  const state = report.usable ? 'usable' : notUsable(report);
  const all: Row[] = [[backend, `${state}${simulated}`]];
  if (!report.usable) all.push(...explain(report, '  '));
  if (library !== undefined) all.push(['  library', library]);
  for (const [name, value] of Object.entries(details)) {
    if (name !== 'simulator') all.push([`  ${labels[name] ?? name}`, String(value)]);
  }
  for (const device of devices) all.push(...describeDevice(device, report.usable));
  return rows(all);
}

/** The device, and what is wrong with it, unless the backend has told that of all of them. */
function describeDevice(
  { index, name, totalMemoryBytes, freeMemoryBytes, unusable }: DeviceSummary,
  isExplained: boolean,
): Row[] {
  const memory = totalMemoryBytes === undefined ? '' : describeMemory(totalMemoryBytes, freeMemoryBytes);
  const state = unusable === undefined ? memory : notUsable(unusable);
  return [
    [`  device ${index}`, [name, state].filter((part) => part !== '').join(', ')],
    ...(unusable === undefined || !isExplained ? [] : explain(unusable, '    ')),
  ];
}

function notUsable({ code }: DeviceProblem): string {
  return `not usable${code === undefined ? '' : ` (${code})`}`;
}

function explain({ reason, advice }: DeviceProblem, indent: string): Row[] {
  return [
    [`${indent}why`, reason],
    [`${indent}what to do`, advice],
  ];
}

function describeMemory(total: number, free: number | undefined): string {
  return `${formatBytes(total)}${free === undefined ? '' : `, ${formatBytes(free)} free`}`;
}

type Row = readonly [name: string, value: string];

function rows(entries: readonly Row[]): string {
  return entries
    .map(([name, value]) => `${name.padEnd(width)} ${value.replaceAll('\n', `\n${' '.repeat(width + 1)}`)}`)
    .join('\n');
}
