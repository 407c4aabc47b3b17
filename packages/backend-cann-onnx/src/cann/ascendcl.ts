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

/** What came of using a device for a moment: its memory, nothing where CANN does not tell, or the call that failed. */
export type DeviceUse =
  | Pick<DeviceSummary, 'freeMemoryBytes' | 'totalMemoryBytes'>
  | { readonly failed: { readonly call: string; readonly code: number } };

/**
 * What uses a device to ask for its memory; for a process that opens no session, because the device is set and reset for it. Where no
 * library of AscendCL is found it tells nothing.
 */
export function deviceUser(): (device: number) => DeviceUse {
  const user = ask((library) => {
    const setDevice = library.func('int aclrtSetDevice(int32_t device)');
    const resetDevice = library.func('int aclrtResetDevice(int32_t device)');
    const memory = library.func('int aclrtGetMemInfo(int kind, _Out_ size_t *free, _Out_ size_t *total)');
    // What it answers does not matter: the provider has initialised it where it answers that it is already.
    library.func('int aclInit(const char *path)')(null);
    return (device: number): DeviceUse => {
      const code: number = setDevice(device);
      if (code !== 0) return { failed: { call: 'aclrtSetDevice', code } };
      try {
        return memoryOf(memory);
      } finally {
        resetDevice(device);
      }
    };
  });
  return user ?? (() => ({}));
}

/** Codes of a question that CANN has no answer to: the device may well compute. */
const notOffered = [100000, 107000, 200001, 200006, 207000];

type AskMemory = (kind: number, free: [number | bigint], total: [number | bigint]) => number;

function memoryOf(ask: AskMemory): DeviceUse {
  let use: DeviceUse = {};
  for (const kind of memoryKinds) {
    const free: [number | bigint] = [0];
    const total: [number | bigint] = [0];
    const code = ask(kind, free, total);
    if (code === 0 && Number(total[0]) > 0) {
      return { freeMemoryBytes: Number(free[0]), totalMemoryBytes: Number(total[0]) };
    }
    if (code !== 0 && !notOffered.includes(code)) use = { failed: { call: 'aclrtGetMemInfo', code } };
  }
  return use;
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
