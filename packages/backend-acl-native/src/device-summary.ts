import type { DeviceProblem, DeviceSummary } from '@webssl/backend';
import { problemOf } from '@webssl/backend/host';
import type { AscendCl, CheckedName } from './ascendcl/ascendcl.js';
import { codes, memoryKind, notOffered } from './ascendcl/enumerations.js';
import { advice } from './ascendcl/error-policy.js';
import type { Out } from './ascendcl/functions.js';

type Memory = Pick<DeviceSummary, 'freeMemoryBytes' | 'totalMemoryBytes'>;

/** What a device tells when it is used for a moment: its memory, or why it cannot be used, as one that is busy or not ours. */
export function summariseDevice(acl: AscendCl, index: number, name: string): DeviceSummary {
  const code = acl.attempt('aclrtSetDevice', index);
  if (code !== codes.success) return { index, name, unusable: problemOfCall(acl, 'aclrtSetDevice', code) };
  try {
    return { index, name, ...memoryOf(acl) };
  } finally {
    acl.attempt('aclrtResetDevice', index);
  }
}

/** Free and total memory of the device of this thread; nothing where it has no answer to that. */
function memoryOf(acl: AscendCl): Memory | Required<Pick<DeviceSummary, 'unusable'>> {
  let unusable: DeviceProblem | undefined;
  for (const kind of [memoryKind.highBandwidth, memoryKind.ddr]) {
    const free: Out<number | bigint> = [0];
    const total: Out<number | bigint> = [0];
    const code = acl.attempt('aclrtGetMemInfo', kind, free, total);
    if (code === codes.success && Number(total[0]) > 0) {
      return { freeMemoryBytes: Number(free[0]), totalMemoryBytes: Number(total[0]) };
    }
    if (notOffered.has(code)) acl.expected();
    else if (code !== codes.success) unusable = problemOfCall(acl, 'aclrtGetMemInfo', code);
  }
  return unusable === undefined ? {} : { unusable };
}

function problemOfCall(acl: AscendCl, call: CheckedName, code: number): DeviceProblem {
  return problemOf(acl.failure(call, code), advice.fresh);
}
