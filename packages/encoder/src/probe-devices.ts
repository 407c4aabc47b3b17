import { type DeviceReport, WebsslError } from '@webssl/backend';
import { backendIds, createBackend } from './resolve-backend.js';

/** A backend that an encoder can be asked for by name, and what it found on this machine. */
export interface BackendReport {
  readonly backend: string;
  readonly report: DeviceReport;
}

/**
 * Asks every backend for its devices, each in a child process, so that a broken native library harms nobody.
 *
 * @returns one report a backend, the CPU first; never rejects: what is not installed or not usable says so
 */
export function probeDevices(): Promise<readonly BackendReport[]> {
  return Promise.all(backendIds.map(async (backend) => ({ backend, report: await probe(backend) })));
}

async function probe(id: string): Promise<DeviceReport> {
  try {
    return await (await createBackend(id, {})).probe();
  } catch (error) {
    return {
      usable: false,
      ...(WebsslError.isInstance(error) && { code: error.code }),
      reason: error instanceof Error ? error.message : String(error),
      advice: 'Install the package of this backend in the version of this encoder.',
    };
  }
}
