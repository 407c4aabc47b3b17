import type { DeviceReport } from '@webssl/backend';
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
  if (!report.usable) {
    return rows([
      [backend, `not usable${report.code === undefined ? '' : ` (${report.code})`}`],
      ['  why', report.reason],
      ['  what to do', report.advice],
    ]);
  }
  const { library, devices, details = {} } = report;
  return rows([
    [backend, isSimulated(report) ? 'usable: A SIMULATOR, no hardware' : 'usable'],
    ['  library', library],
    ...Object.entries(details)
      .filter(([name]) => name !== 'simulator')
      .map(([name, value]): [string, string] => [`  ${labels[name] ?? name}`, String(value)]),
    ...devices.map(({ index, name, totalMemoryBytes, freeMemoryBytes }): [string, string] => {
      const memory =
        totalMemoryBytes === undefined ? '' : `, ${describeMemory(totalMemoryBytes, freeMemoryBytes)}`;
      return [`  device ${index}`, `${name}${memory}`];
    }),
  ]);
}

function isSimulated(report: Extract<DeviceReport, { usable: true }>): boolean {
  return report.details?.['simulator'] === true;
}

function describeMemory(total: number, free: number | undefined): string {
  return `${formatBytes(total)}${free === undefined ? '' : `, ${formatBytes(free)} free`}`;
}

function rows(entries: readonly (readonly [string, string])[]): string {
  return entries
    .map(([name, value]) => `${name.padEnd(width)} ${value.replaceAll('\n', `\n${' '.repeat(width + 1)}`)}`)
    .join('\n');
}
