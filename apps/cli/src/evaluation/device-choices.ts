import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type Backend, WebsslError } from '@webssl/backend';
import { offlineModelDevice } from '@webssl/command-line';
import { parseDevice } from '@webssl/encoder';
import type { DeviceChoice } from '@webssl/evaluation';

/** Options of the reference device and of the others. */
export interface DeviceOptions {
  readonly threads?: number;
  readonly mode?: 'coldStart' | 'throughput';
  readonly candidateThreads?: number;
  readonly candidateMode?: 'coldStart' | 'throughput';
  /** Of every `acl-native` device. */
  readonly offlineModel?: string;
  readonly onCompilerLine?: (line: string) => void;
}

/**
 * The device that the others are compared with.
 *
 * @throws WebsslError `DEVICE_SPECIFICATION_INVALID`, `BACKEND_MODULE_INVALID`
 */
export function referenceDevice(device: string, options: DeviceOptions): Promise<DeviceChoice> {
  return choose(device, options);
}

/**
 * A device that is compared: a CPU with the options of the reference, where it has none of its own.
 *
 * @throws WebsslError `EVALUATION_OPTION_INVALID` for CPU options of a device that is no CPU; as {@link referenceDevice} does
 */
export function candidateDevice(device: string, options: DeviceOptions): Promise<DeviceChoice> {
  const { candidateThreads, candidateMode } = options;
  if ((candidateThreads ?? candidateMode) !== undefined && !isCpu(device)) {
    throw new WebsslError({
      code: 'EVALUATION_OPTION_INVALID',
      message: `--candidate-threads and --candidate-mode are options of the CPU; ${device} has neither. Leave them out.`,
    });
  }
  return choose(device, {
    ...options,
    ...(candidateThreads === undefined ? {} : { threads: candidateThreads }),
    ...(candidateMode === undefined ? {} : { mode: candidateMode }),
  });
}

async function choose(
  device: string,
  { threads, mode, offlineModel, onCompilerLine }: DeviceOptions,
): Promise<DeviceChoice> {
  if (isModule(device)) return { device: await importBackend(device) };
  if (!isCpu(device)) {
    // Other backends may stand beside acl-native here, but none may answer for npu in its place.
    const isAnyNpu = parseDevice(device).backend === 'npu';
    return {
      device: offlineModel !== undefined && isAnyNpu ? await offlineModelDevice(device) : device,
      ...(offlineModel === undefined ? {} : { offlineModel }),
      ...(onCompilerLine === undefined ? {} : { onCompilerLine }),
    };
  }
  return {
    device,
    ...(threads === undefined ? {} : { threads }),
    ...(mode === undefined ? {} : { mode }),
  };
}

function isCpu(device: string): boolean {
  return !isModule(device) && parseDevice(device).backend === 'cpu';
}

/** Names of devices hold neither a slash nor a dot. */
function isModule(device: string): boolean {
  return /[./\\]/.test(device);
}

/** A backend of the user's own: what a module exports as its default. */
async function importBackend(path: string): Promise<Backend> {
  let found: unknown;
  try {
    ({ default: found } = await import(pathToFileURL(resolve(path)).href));
  } catch (cause) {
    throw invalidModule(
      path,
      `it cannot be loaded: ${cause instanceof Error ? cause.message : cause}`,
      cause,
    );
  }
  if (!isBackend(found)) {
    throw invalidModule(
      path,
      'its default export is no Backend with specificationVersion v1, id, probe and open',
    );
  }
  return found;
}

function isBackend(value: unknown): value is Backend {
  if (typeof value !== 'object' || value === null) return false;
  const { specificationVersion, id, probe, open } = value as Partial<Record<keyof Backend, unknown>>;
  return (
    specificationVersion === 'v1' &&
    typeof id === 'string' &&
    /^\S+$/.test(id) &&
    typeof probe === 'function' &&
    typeof open === 'function'
  );
}

function invalidModule(path: string, problem: string, cause?: unknown): WebsslError {
  return new WebsslError({
    code: 'BACKEND_MODULE_INVALID',
    message: `The device ${path} is taken for a module with a backend, and ${problem}. packages/backend/README.md shows how one is written.`,
    ...(cause === undefined ? {} : { cause }),
  });
}
