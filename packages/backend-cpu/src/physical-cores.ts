/** The text of a file, or undefined where it cannot be read. */
export type ReadText = (path: string) => string | undefined;

/**
 * How many different cores the CPUs are on that a Linux process may use (its affinity, as `taskset`, `numactl` and cpusets set it);
 * undefined where the system does not tell. Two CPUs of one core share its multipliers: matrix products gain nothing from the second,
 * which is why ONNX Runtime by itself counts cores, too. See the kernel's admin-guide/cputopology and `/proc/pid/status` in proc(5).
 */
export function physicalCores(read: ReadText): number | undefined {
  const allowed = /^Cpus_allowed_list:\s*(\S+)$/m.exec(read('/proc/self/status') ?? '')?.[1];
  const cpus = allowed === undefined ? [] : parseList(allowed);
  const cores = cpus.map((cpu) =>
    read(`/sys/devices/system/cpu/cpu${cpu}/topology/thread_siblings_list`)?.trim(),
  );
  if (cores.length === 0 || cores.includes(undefined)) return undefined;
  return new Set(cores).size;
}

/** The numbers of a list such as `0-3,8`; none where it is no such list. */
function parseList(text: string): readonly number[] {
  return text.split(',').flatMap((part) => {
    const [, first, last = first] = /^(\d{1,5})(?:-(\d{1,5}))?$/.exec(part) ?? [];
    if (first === undefined) return [];
    const length = Math.max(0, Number(last) - Number(first) + 1);
    return Array.from({ length }, (_, index) => Number(first) + index);
  });
}
