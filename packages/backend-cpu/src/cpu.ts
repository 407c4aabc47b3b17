import {
  type Backend,
  type Isolation,
  type ModelSource,
  type OpenOptions,
  type Precision,
  WebsslError,
} from '@webssl/backend';
import { exportedFile, openHostedSession, probeInChild } from '@webssl/backend/host';
import { availableThreads } from './available-threads.js';
import { checkThreads } from './check-threads.js';
import { checkModelPrecision, checkPrecision } from './cpu-precision.js';
import { disableTelemetry } from './disable-telemetry.js';
import type { CpuMode, SessionSetup } from './session-setup.js';
import { weightBits } from './weight-bits.js';

/** Options of {@link cpu}. */
export interface CpuOptions {
  /**
   * Threads that compute one image: 64 at most, or as many as the machine has CPUs where these are more.
   * @default what the process may use: the cores it is allowed on, and no more than the quota of its container
   */
  readonly threads?: number;
  /**
   * What to favour; see {@link CpuMode}. In bf16 it is always `throughput`.
   * @default 'coldStart'
   */
  readonly mode?: CpuMode;
  /**
   * Where sessions run when the caller of `open` does not say.
   * @default 'process'
   */
  readonly isolation?: Isolation;
  /**
   * The longest that one image may take, in milliseconds. A session that takes longer is lost.
   * @default 600_000
   */
  readonly deadlineMilliseconds?: number;
  /**
   * The longest that the opening may take, in milliseconds.
   * @default 600_000
   */
  readonly openDeadlineMilliseconds?: number;
  /**
   * Which ONNX Runtime computes: the one that comes with this package, or the onnxruntime-node that you have installed where your
   * program is started, such as another version or a build of your own.
   * @default 'own'
   */
  readonly runtime?: 'own' | 'onnxruntime-node';
  /**
   * The worker file to start instead of `@webssl/backend-cpu/worker`: for bundlers that move files.
   */
  readonly workerEntry?: URL;
}

const id = 'cpu';

const workerFiles = {
  own: '@webssl/backend-cpu/worker',
  'onnxruntime-node': '@webssl/backend-cpu/onnxruntime-node-worker',
} as const;
const defaultDeadline = 600_000;

/**
 * The backend that runs a model on the CPU with ONNX Runtime: in float32, with the linear layers in int8 (`int8`), with those of them
 * in int8 that a measured plan says (`tuned`), or with them in bf16 on arm64 processors that have it (`bf16`). Importing it
 * loads no native code: that happens in the session's own process or thread.
 * @throws WebsslError `BACKEND_OPTION_INVALID` for an option out of range.
 */
export function cpu(options: CpuOptions = {}): Backend {
  checkOptions(options);
  const {
    mode = 'coldStart',
    deadlineMilliseconds = defaultDeadline,
    openDeadlineMilliseconds = defaultDeadline,
    runtime = 'own',
    workerEntry = exportedFile(workerFiles[runtime], import.meta.url, 'workerEntry'),
  } = options;
  return {
    specificationVersion: 'v1',
    id,
    probe: () => probeInChild({ backend: id, entry: workerEntry }),
    async open(model, open) {
      const { precision = 'fp32' } = open;
      checkPrecision(precision);
      const isolation = open.isolation ?? options.isolation ?? 'process';
      if (isolation === 'thread') disableTelemetry();
      return openHostedSession({
        backend: id,
        entry: workerEntry,
        isolation,
        setup: () => sessionSetup(model, open, precision, options.threads ?? availableThreads(), mode),
        open,
        deadlineMilliseconds,
        openDeadlineMilliseconds,
        // A killed process leaves nothing behind on a CPU, and the caller need not wait for an image nobody wants.
        ...(isolation === 'process' && { closeMilliseconds: 0 }),
      });
    },
  };
}

async function sessionSetup(
  model: ModelSource,
  { size, outputs, tokens = 'all', signal }: OpenOptions,
  precision: Precision,
  threads: number,
  mode: CpuMode,
): Promise<SessionSetup> {
  const numbers = {
    ...(precision === 'fp32' ? {} : { precision }),
    ...(precision === 'int8' || precision === 'tuned' ? { weightBits: weightBits() } : {}),
  };
  const onnx = await model.onnx({ size, batch: 1, outputs, tokens, ...numbers }, signal);
  checkModelPrecision(precision, onnx);
  const { bytes, folder, input, weightRecipe } = onnx;
  // In bf16 there are no weights in the file that could be left where they are.
  const usedMode = precision === 'bf16' ? 'throughput' : mode;
  return {
    graph: bytes,
    folder,
    input,
    outputs,
    tokens,
    size,
    threads,
    mode: usedMode,
    ...numbers,
    ...(weightRecipe === undefined ? {} : { weightRecipe }),
  };
}

function checkOptions(options: CpuOptions): void {
  const { threads, mode, isolation, runtime } = options;
  checkThreads(threads);
  if (mode !== undefined && mode !== 'coldStart' && mode !== 'throughput') {
    throw invalid('mode', mode, "'coldStart' or 'throughput'");
  }
  if (isolation !== undefined && isolation !== 'process' && isolation !== 'thread') {
    throw invalid('isolation', isolation, "'process' or 'thread'");
  }
  if (runtime !== undefined && !Object.hasOwn(workerFiles, runtime)) {
    throw invalid('runtime', runtime, "'own' or 'onnxruntime-node'");
  }
  for (const name of ['deadlineMilliseconds', 'openDeadlineMilliseconds'] as const) {
    const value = options[name];
    if (value !== undefined && !(value > 0)) throw invalid(name, value, 'a number of milliseconds above 0');
  }
}

function invalid(option: string, value: unknown, wanted: string): WebsslError {
  return new WebsslError({
    code: 'BACKEND_OPTION_INVALID',
    message: `cpu({ ${option}: ${JSON.stringify(value)} }): ${option} must be ${wanted}.`,
    details: { option, value },
  });
}
