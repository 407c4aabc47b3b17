import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Backend, BackendSession, OpenOptions } from '@webssl/backend';
import { expectedTensor, fixtureModel, fixturePixels } from '@webssl/backend/testkit';
import { type CannOnnxOptions, cannOnnx } from '@webssl/backend-cann-onnx';
import { nmse } from '@webssl/metrics';
import {
  buildOnnxRuntimeCann,
  type OnnxRuntimeCannConfiguration,
} from '@webssl-tooling/ascend-simulator/onnxruntime-cann';
import { afterEach, beforeEach } from 'vitest';
import { setEnvironment } from './set-environment.js';

const built = buildOnnxRuntimeCann();

/** Why there is no stand-in for CANN on this machine; absent where there is one. */
export const missing = 'missing' in built ? built.missing : undefined;
/** For the names of tests. */
export const reason = missing === undefined ? '' : ` (not here: ${missing})`;

export const library = 'missing' in built ? '' : built.library;
export const open: OpenOptions = { size: { height: 12, width: 12 }, outputs: ['last_hidden_state'] };
/** The largest error of results that were not rounded. */
export const exact = 1e-10;

/** A machine with CANN for each test of the file, and the sessions on it. */
export interface CannMachine {
  /** A folder of the test. */
  readonly folder: string;
  configure(configuration: OnnxRuntimeCannConfiguration): void;
  backend(options?: CannOnnxOptions): Backend;
  /** Opens a session of the fixture model, which is closed after the test. */
  open(
    options?: CannOnnxOptions,
    changes?: Partial<OpenOptions>,
    model?: ReturnType<typeof fixtureModel>,
  ): Promise<BackendSession>;
  /** What was compiled and loaded, in order. */
  compilations(): string[];
  /** Paths of the compiled models in the cache, those of working folders included. */
  cached(): string[];
  /** Paths of the working folders of sessions. */
  workingFolders(): string[];
}

/** Makes and removes the machine of each test. */
export function useCannMachine(): CannMachine {
  let folder = '';
  let restore: () => void = () => {};
  let sessions: BackendSession[] = [];
  const log = () => join(folder, 'log');
  const configure = (configuration: OnnxRuntimeCannConfiguration) => {
    if (!('missing' in built)) restore = setEnvironment(built.environment({ log: log(), ...configuration }));
  };
  const backend = (options: CannOnnxOptions = {}) =>
    cannOnnx({ library, cacheFolder: join(folder, 'cache'), ...options });

  const inCache = (isWanted: (name: string) => boolean) => {
    const cache = join(folder, 'cache');
    return readdirSync(cache, { recursive: true, encoding: 'utf8' })
      .filter(isWanted)
      .map((name) => join(cache, name));
  };

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'webssl-cann-'));
    sessions = [];
    configure({});
  });
  afterEach(async () => {
    await Promise.all(sessions.map((session) => session.close()));
    restore();
    rmSync(folder, { recursive: true });
  });

  return {
    get folder() {
      return folder;
    },
    configure,
    backend,
    async open(options = {}, changes = {}, model = fixtureModel()) {
      const session = await backend(options).open(model, { ...open, ...changes });
      sessions.push(session);
      return session;
    },
    compilations: () =>
      existsSync(log())
        ? readFileSync(log(), 'utf8')
            .trim()
            .split('\n')
            .map((line) => line.split(' ')[0] ?? '')
        : [],
    cached: () => inCache((name) => name.endsWith('.om')),
    workingFolders: () => inCache((name) => /^[^/]+\/running-[^/]+$/.test(name)),
  };
}

/** The error of what a session computes of images of the fixture. */
export async function errorOf(session: BackendSession, images: readonly number[]): Promise<number> {
  const { tensors } = await session.run(fixturePixels(images));
  return nmse(
    tensors.last_hidden_state?.data ?? new Float32Array(),
    expectedTensor(images, 'last_hidden_state').data,
  );
}
