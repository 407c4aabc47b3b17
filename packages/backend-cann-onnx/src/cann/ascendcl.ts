import type { DeviceSummary } from '@webssl/backend';
import koffi from 'koffi';

/** The library of AscendCL, then the one that newer versions of CANN have it in. */
const libraries = ['libascendcl.so', 'libacl_rt.so'];

/** ACL_HBM_MEM, then ACL_DDR_MEM: a device has one of them. */
const memoryKinds = [1, 0];

/** The system on chip that CANN sees, such as `Ascend910B4`; undefined where it does not say. */
export function socName(): string | undefined {
  return ask((library) => {
    const name: unknown = library.func('aclrtGetSocName', 'str', [])();
    return typeof name === 'string' && name !== '' ? name : undefined;
  });
}

/**
 * Asks CANN for the memory of its devices; for a process that opens no session, because every device is set and reset for it.
 * @returns free and total memory of a device; nothing where CANN does not tell
 */
export function memoryReader(): (device: number) => Omit<DeviceSummary, 'index' | 'name'> {
  const reader = ask((library) => {
    const setDevice = library.func('int aclrtSetDevice(int32_t device)');
    const resetDevice = library.func('int aclrtResetDevice(int32_t device)');
    const memory = library.func('int aclrtGetMemInfo(int kind, _Out_ size_t *free, _Out_ size_t *total)');
    // What it answers does not matter: the provider has initialised it where it answers that it is already.
    library.func('int aclInit(const char *path)')(null);
    return (device: number) => {
      if (setDevice(device) !== 0) return {};
      try {
        for (const kind of memoryKinds) {
          const free: [number | bigint] = [0];
          const total: [number | bigint] = [0];
          if (memory(kind, free, total) === 0 && Number(total[0]) > 0) {
            return { freeMemoryBytes: Number(free[0]), totalMemoryBytes: Number(total[0]) };
          }
        }
        return {};
      } finally {
        resetDevice(device);
      }
    };
  });
  return reader ?? (() => ({}));
}

function ask<Answer>(question: (library: ReturnType<typeof koffi.load>) => Answer | undefined) {
  for (const name of libraries) {
    try {
      const answer = question(koffi.load(name));
      if (answer !== undefined) return answer;
    } catch {
      // Not on the loader's search path, or without the function: the next one.
    }
  }
  return undefined;
}
