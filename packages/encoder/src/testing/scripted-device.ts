import {
  type Backend,
  type BackendSession,
  type CloseReason,
  type ModelSource,
  type PixelBatch,
  WebsslError,
} from '@webssl/backend';
import type { DeviceLoss } from '../device-state.js';
import { SessionPool, type SessionPoolOptions } from '../session-pool.js';
import { deferred } from './deferred.js';

const model: ModelSource = {
  key: 'none',
  fingerprint: async () => 'none',
  describe: () => {
    throw new Error('not needed');
  },
  onnx: () => Promise.reject(new Error('not needed')),
};
/** What the pools of {@link pool} are opened for. */
export const demand = { outputs: ['last_hidden_state'], tokens: 'cls' } as const;

/** A device whose sessions give each image's first pixel, and that does as its script says. */
export class ScriptedDevice implements Backend {
  readonly specificationVersion = 'v1';
  readonly id: string;
  opened = 0;
  ended = 0;
  computed = 0;
  batchSizes: readonly number[] = [1];
  /** How long a session takes to close, in milliseconds. */
  closeMilliseconds = 0;
  /** Called before each run and each opening; what it throws is the run's or the opening's error. */
  script: (what: 'open' | 'run') => void = () => {};

  constructor(id: string) {
    this.id = id;
  }

  async probe() {
    return { usable: true, devices: [], library: 'script' } as const;
  }

  async open(): Promise<BackendSession> {
    this.script('open');
    this.opened++;
    const end = deferred<CloseReason>();
    void end.promise.then(() => this.ended++);
    return {
      device: {
        backend: this.id,
        name: this.id,
        precision: 'fp32',
        library: 'script',
        isolation: 'process',
        details: { session: this.opened },
      },
      batchSizes: this.batchSizes,
      maxInFlight: 3,
      closed: end.promise,
      run: async ({ data, dims: [batch] }) => {
        try {
          await new Promise((resolve) => setTimeout(resolve, 2));
          this.script('run');
        } catch (error) {
          if (WebsslError.isInstance(error, 'BACKEND_LOST')) end.resolve({ kind: 'lost', error });
          throw error;
        }
        this.computed += batch;
        return { tensors: { last_hidden_state: { data: data.slice(0, 1), dims: [1, 1, 1] } } };
      },
      close: async () => {
        await new Promise((resolve) => setTimeout(resolve, this.closeMilliseconds));
        end.resolve({ kind: 'closed' });
      },
    };
  }
}

export function lost(details = {}): WebsslError {
  return new WebsslError({ code: 'BACKEND_LOST', message: 'the device is gone', details });
}

/** Throws each error in its turn, for one kind of use; then nothing any more. */
export function failing(use: 'open' | 'run', ...errors: (Error | undefined)[]) {
  return (what: 'open' | 'run') => {
    const error = what === use ? errors.shift() : undefined;
    if (error) throw error;
  };
}

export async function pool(...devices: ScriptedDevice[]) {
  return poolWith({}, ...devices);
}

/** An open pool of these devices; `run` gives back the number that it is given, computed on one of them. */
export async function poolWith(options: Partial<SessionPoolOptions>, ...devices: ScriptedDevice[]) {
  const losses: DeviceLoss[] = [];
  const sessions = new SessionPool({
    backends: devices,
    source: model,
    size: { height: 1, width: 1 },
    precision: undefined,
    isolation: undefined,
    onDeviceLost: (loss) => losses.push(loss),
    ...options,
  });
  await sessions.open(demand);
  const run = async (value: number) => {
    const input: PixelBatch = { data: Float32Array.of(value, 0, 0), dims: [1, 3, 1, 1] };
    return (await sessions.run(input, demand)).tensors.last_hidden_state?.data[0];
  };
  const runAll = (count: number) => Promise.all(Array.from({ length: count }, (_, value) => run(value)));
  return { sessions, losses, run, runAll };
}

export const counting = (count: number) => Array.from({ length: count }, (_, value) => value);
