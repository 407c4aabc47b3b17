import { WebsslError } from '@webssl/backend';
import type { AscendCl } from '../ascendcl/ascendcl.js';
import { codes } from '../ascendcl/enumerations.js';
import type { DisposalStack } from './disposal-stack.js';

/**
 * Initialises AscendCL for this process, or counts one user more where it is initialised. The release counts one less; a library
 * that cannot count stays initialised until the process ends, because others may still use it.
 * @throws WebsslError `BACKEND_OPEN_FAILED`, `BACKEND_LIBRARY_MISSING` for the stub library.
 */
export function initialise(acl: AscendCl, stack: DisposalStack): void {
  acl.stage = 'initialising';
  const code = acl.attempt('aclInit', null);
  if (code !== codes.success && code !== codes.repeatedInitialisation) throw acl.failure('aclInit', code);
  if (code === codes.repeatedInitialisation) acl.expected();
  stack.add(acl, () => {
    if (acl.has('aclFinalizeReference')) acl.attempt('aclFinalizeReference', [0]);
  });
  acl.stage = 'opening';
}

/** How many devices this process sees. */
export function deviceCount(acl: AscendCl): number {
  const count: [number] = [0];
  acl.call('aclrtGetDeviceCount', count);
  return count[0];
}

/**
 * Makes a device the one of this thread.
 * @throws WebsslError `BACKEND_OPEN_FAILED` where there is no such device or it cannot be used.
 */
export function useDevice(acl: AscendCl, device: number, stack: DisposalStack): void {
  const count = deviceCount(acl);
  if (device >= count) {
    const advice =
      'Choose one that is there: `npu-smi info` lists them. ASCEND_RT_VISIBLE_DEVICES hides those that it does not name.';
    throw new WebsslError({
      code: 'BACKEND_OPEN_FAILED',
      message: `There is no device ${device}: AscendCL sees ${count === 0 ? 'none' : `${count}, counted from 0`}. ${advice}`,
      details: { device, devices: count, policy: 'refuse', advice },
    });
  }
  acl.call('aclrtSetDevice', device);
  stack.add(device, () => acl.attempt('aclrtResetDevice', device));
}
