import { readdirSync, readFileSync } from 'node:fs';

/**
 * What memory of a process counts: `resident` is all that is in memory, shared pages once a process (VmRSS);
 * `proportional` splits each shared page among the processes that share it (Pss), which takes longer to read.
 */
export type MemoryKind = 'resident' | 'proportional';

/** A process and its descendants at one instant. */
export interface TreeMemory {
  /** Sum over the processes. */
  readonly bytes: number;
  readonly processes: number;
}

/** Whether this system tells the memory of other processes (proc(5): Linux with CONFIG_PROC_CHILDREN). */
export function canReadProcessTree(): boolean {
  return readText(`/proc/${process.pid}/task/${process.pid}/children`) !== undefined;
}

/** Resident memory of one process, all its threads included, in bytes. */
export interface ProcessMemory {
  readonly now: number;
  /** The largest since it was started (VmHWM). */
  readonly peak: number;
}

/** Undefined where this system does not tell, and when the process has ended. */
export function readProcessMemory(id: number): ProcessMemory | undefined {
  const text = readText(`/proc/${id}/status`) ?? '';
  const [now, peak] = [fieldOf(text, 'VmRSS'), fieldOf(text, 'VmHWM')];
  return now === undefined || peak === undefined ? undefined : { now, peak };
}

/** Processes that end meanwhile count as nothing. */
export function readTreeMemory(root: number, kind: MemoryKind): TreeMemory {
  const sizes = descendants(root).map((id) => processMemory(id, kind));
  const alive = sizes.filter((bytes) => bytes > 0);
  return { bytes: alive.reduce((sum, bytes) => sum + bytes, 0), processes: alive.length };
}

/** proc(5) counts processor time in ticks of this many a second, on every architecture. */
const ticksPerSecond = 100;

/** Processor time that all processes below one have used, in seconds; its own does not count, nor that of what has ended. */
export function readChildrenProcessorSeconds(root: number): number {
  const ticks = descendants(root)
    .slice(1)
    .map((id) => {
      // The name in brackets may have spaces; user and system time are the 12th and 13th field behind it.
      const fields = (readText(`/proc/${id}/stat`) ?? '').split(') ').at(-1)?.split(' ') ?? [];
      return Number(fields[11] ?? 0) + Number(fields[12] ?? 0);
    });
  return ticks.reduce((sum, count) => sum + count, 0) / ticksPerSecond;
}

/** The process itself and all below it. A child belongs to the thread that started it. */
function descendants(id: number): number[] {
  const children = threadsOf(id).flatMap((thread) =>
    (readText(`/proc/${id}/task/${thread}/children`) ?? '').split(' ').filter(Boolean).map(Number),
  );
  return [id, ...children.flatMap(descendants)];
}

function threadsOf(id: number): string[] {
  try {
    return readdirSync(`/proc/${id}/task`);
  } catch {
    return [];
  }
}

function processMemory(id: number, kind: MemoryKind): number {
  const [file, field] = kind === 'resident' ? ['status', 'VmRSS'] : ['smaps_rollup', 'Pss'];
  return fieldOf(readText(`/proc/${id}/${file}`) ?? '', field) ?? 0;
}

/** Bytes of a line such as `VmRSS:   1234 kB` (proc(5)). */
function fieldOf(text: string, field: string): number | undefined {
  const kilobytes = new RegExp(`^${field}:\\s*(\\d+) kB`, 'm').exec(text)?.[1];
  return kilobytes === undefined ? undefined : Number(kilobytes) * 1024;
}

function readText(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}
