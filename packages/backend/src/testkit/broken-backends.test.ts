import { setTimeout as delay, setImmediate as nextTurn } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { backendError } from '../backend-error.js';
import type { Backend, BackendSession, Isolation, RunOptions, RunResult } from '../contract.js';
import type { OutputName } from '../outputs.js';
import type { PixelBatch, Tensor } from '../tensor.js';
import { WebsslError } from '../webssl-error.js';
import { conformanceCases } from './conformance-cases.js';
import { fixtureModel } from './fixture-model.js';
import { fixtureOutputs } from './fixture-parts.js';
import { fixturePixels } from './fixture-pixels.js';
import { referenceBackend } from './reference-backend.js';

type Session = BackendSession;
type Run = Session['run'];
interface Broken {
  /** What is broken. */
  readonly fault: string;
  /** The case that must find it. */
  readonly foundBy: string;
  readonly backend: () => Backend;
}

/** The correct backend with one method of its sessions replaced. */
function withSession(
  change: (session: Session) => Partial<Session>,
  isolation: Isolation = 'thread',
): () => Backend {
  return withBackend((backend) => ({
    async open(model, options) {
      const session = await backend.open(model, { isolation, ...options });
      return {
        device: session.device,
        batchSizes: session.batchSizes,
        maxInFlight: session.maxInFlight,
        closed: session.closed,
        run: (input, runOptions) => session.run(input, runOptions),
        close: () => session.close(),
        ...change(session),
      };
    },
  }));
}

function withBackend(change: (backend: Backend) => Partial<Backend>): () => Backend {
  return () => {
    const backend = referenceBackend();
    return { ...backend, ...change(backend) };
  };
}

/** The correct backend whose results are changed on their way to the caller. */
function withResult(change: (result: RunResult, input: PixelBatch, options: RunOptions) => RunResult) {
  return withSession((session) => ({
    run: async (input, options = {}) => change(await session.run(input, options), input, options),
  }));
}

function mapTensors({ tensors }: RunResult, map: (tensor: Tensor, output: OutputName) => Tensor): RunResult {
  return {
    tensors: Object.fromEntries(
      (Object.entries(tensors) as [OutputName, Tensor][]).map(([output, tensor]) => [
        output,
        map(tensor, output),
      ]),
    ),
  };
}

function rows({ data, dims: [batch = 1] }: Tensor): Float32Array[] {
  const length = data.length / batch;
  return Array.from({ length: batch }, (_, row) => data.subarray(row * length, (row + 1) * length));
}

function join(parts: readonly Float32Array[]): Float32Array {
  return Float32Array.from(parts.flatMap((part) => [...part]));
}

const broken: readonly Broken[] = [
  {
    fault: 'swaps the rows of a batch',
    foundBy: 'batches of any size have every image in its own row',
    backend: withResult((result) =>
      mapTensors(result, (tensor) => ({ ...tensor, data: join(rows(tensor).reverse()) })),
    ),
  },
  {
    fault: 'leaks the padding of odd batches',
    foundBy: 'batches of any size have every image in its own row',
    backend: withResult((result) =>
      mapTensors(result, (tensor) => {
        const [batch = 1, ...rest] = tensor.dims;
        if (batch % 2 === 0) return tensor;
        const padding = new Float32Array(tensor.data.length / batch);
        return { data: join([tensor.data, padding]), dims: [batch + 1, ...rest] };
      }),
    ),
  },
  {
    fault: 'gives the result of the run before',
    foundBy: 'a result belongs to its caller: no later run changes it',
    backend: withSession((session) => {
      let stale: RunResult | undefined;
      return {
        async run(input, options) {
          const result = await session.run(input, options);
          stale ??= result;
          return stale;
        },
      };
    }),
  },
  {
    fault: 'shares one output buffer between runs',
    foundBy: 'a result belongs to its caller: no later run changes it',
    backend: withSession((session) => {
      const shared = new Map<string, Float32Array>();
      return {
        run: async (input, options) =>
          mapTensors(await session.run(input, options), ({ data, dims }, output) => {
            const buffer = shared.get(`${output} ${data.length}`) ?? new Float32Array(data.length);
            shared.set(`${output} ${data.length}`, buffer);
            buffer.set(data);
            return { data: buffer, dims };
          }),
      };
    }),
  },
  {
    fault: 'ignores an abort',
    foundBy: 'an abort rejects the run at once, and the session stays usable',
    backend: withSession((session) => ({
      run: (input, { signal: _ignored, ...options } = {}) => session.run(input, options),
    })),
  },
  {
    fault: 'rejects an aborted run only when it has ended',
    foundBy: 'an abort of a waiting run leaves the runs around it alone',
    backend: withSession((session) => ({
      async run(input, { signal, ...options } = {}) {
        const result = await session.run(input, options);
        if (signal?.aborted) throw backendError('BACKEND_ABORTED', 'late');
        return result;
      },
    })),
  },
  {
    fault: 'leaves its listener on the signal',
    foundBy: 'an abort after a run does nothing, and no listener stays on the signal',
    backend: withSession((session) => ({
      run(input, options = {}) {
        options.signal?.addEventListener('abort', () => {});
        return session.run(input, options);
      },
    })),
  },
  {
    fault: 'is dead after an abort',
    foundBy: 'an abort rejects the run at once, and the session stays usable',
    backend: withSession((session) => ({
      run(input, options = {}) {
        options.signal?.addEventListener('abort', () => void session.close());
        return session.run(input, options);
      },
    })),
  },
  {
    fault: 'is dead after an error',
    foundBy: 'input that does not fit is refused, and the session stays usable: another width',
    backend: withSession((session) => {
      let dead = false;
      return {
        async run(input, options) {
          if (dead) throw backendError('BACKEND_LOST', 'dead');
          try {
            return await session.run(input, options);
          } catch (error) {
            dead = true;
            throw error;
          }
        },
      };
    }),
  },
  {
    fault: 'names another device than the probe',
    foundBy: 'the probe reports the device that a session then names',
    backend: withSession(({ device }) => ({ device: { ...device, name: 'a much faster one' } })),
  },
  {
    fault: 'reports another precision than it was asked for',
    foundBy: 'the session reports the precision and isolation that were asked for',
    backend: withSession(({ device }) => ({ device: { ...device, precision: 'fp16' } })),
  },
  {
    fault: 'falls back to another precision in silence',
    foundBy: 'a precision that the backend does not have is refused, not replaced',
    backend: withBackend((backend) => ({
      open: (model, { precision: _ignored, ...options }) => backend.open(model, options),
    })),
  },
  {
    fault: 'lets runs in flight hang when it closes',
    foundBy: 'closing rejects the runs in flight, those that wait too',
    backend: withSession((session) => ({
      run: (input, options) =>
        new Promise((resolve, reject) => {
          session.run(input, options).then(resolve, (error) => {
            if (!WebsslError.isInstance(error, 'BACKEND_CLOSED')) reject(error);
          });
        }),
    })),
  },
  {
    fault: 'fails to close twice',
    foundBy: 'closing is idempotent, and tells that it was closed',
    backend: withSession((session) => {
      let closed = false;
      return {
        async close() {
          if (closed) throw new Error('closed already');
          closed = true;
          await session.close();
        },
      };
    }),
  },
  {
    fault: 'never tells that it has ended',
    foundBy: 'closing is idempotent, and tells that it was closed',
    backend: withSession(() => ({ closed: new Promise(() => {}) })),
  },
  {
    fault: 'leaves its process running',
    foundBy: 'closing leaves nothing behind',
    backend: withSession(() => ({ close: async () => {} }), 'process'),
  },
  ...(process.platform === 'linux'
    ? [
        {
          fault: 'leaves its thread running',
          foundBy: 'closing leaves nothing behind',
          backend: withSession(() => ({ close: async () => {} })),
        },
      ]
    : []),
  {
    fault: 'computes after it was closed',
    foundBy: 'a run after closing is refused',
    backend: withSession((session) => {
      let spare: Promise<Session> | undefined;
      return {
        run(input, options) {
          return spare ? spare.then((other) => other.run(input, options)) : session.run(input, options);
        },
        async close() {
          await session.close();
          spare = referenceBackend().open(fixtureModel(), {
            size: { height: 12, width: 12 },
            outputs: fixtureOutputs,
          });
        },
      };
    }),
  },
  {
    fault: 'gives every output whatever is asked for',
    foundBy: 'a run gives the outputs asked for, and no others',
    backend: withSession((session) => ({
      run: (input, { outputs: _ignored, ...options } = {}) => session.run(input, options),
    })),
  },
  {
    fault: 'ignores which tokens are asked for',
    foundBy: 'a run gives the tokens asked for',
    backend: withSession((session) => ({
      run: (input, { tokens: _ignored, ...options } = {}) => session.run(input, options),
    })),
  },
  {
    fault: 'writes to its input',
    foundBy: 'the input is not modified',
    backend: withSession((session) => ({
      async run(input, options) {
        const result = await session.run(input, options);
        input.data.fill(0);
        return result;
      },
    })),
  },
  {
    fault: 'takes the memory of its input away',
    foundBy: 'the input is not modified',
    backend: withSession((session) => ({
      run(input, options) {
        const result = session.run(input, options);
        structuredClone(input.data, { transfer: [input.data.buffer as ArrayBuffer] });
        return result;
      },
    })),
  },
  {
    fault: 'reads its input late',
    foundBy: 'the caller may reuse the input once the run has settled, also after an abort',
    backend: withSession((session) => {
      const seen = new Map<Float32Array, PixelBatch>();
      return {
        run(input, options) {
          const first = seen.get(input.data) ?? { data: input.data.slice(), dims: input.dims };
          seen.set(input.data, first);
          return input.data.length === first.data.length
            ? session.run(first, options)
            : session.run(input, options);
        },
      };
    }),
  },
  {
    fault: 'reads its input from the beginning of its buffer',
    foundBy: 'an input that is a part of a larger buffer is read from where it begins',
    backend: withSession((session) => ({
      run: (input, options) =>
        ArrayBuffer.isView(input?.data)
          ? session.run(
              { ...input, data: new Float32Array(input.data.buffer, 0, input.data.length) },
              options,
            )
          : session.run(input, options),
    })),
  },
  {
    fault: 'computes on the thread of its caller',
    foundBy: 'the event loop is free while the device computes',
    backend: withSession((session) => ({
      async run(input, options) {
        const result = session.run(input, options);
        for (let done = false; !done; await nextTurn()) {
          for (const end = performance.now() + 4; performance.now() < end; );
          done = await Promise.race([result.then(() => true), nextTurn(false)]);
        }
        return result;
      },
    })),
  },
  {
    fault: 'finishes overlapping runs in any order',
    foundBy: 'overlapping runs are executed first in, first out, and each gets its own result',
    backend: withSession((session) => {
      let count = 0;
      return {
        async run(input, options) {
          count += 1;
          const late = count % 2 === 1;
          const result = await session.run(input, options);
          if (late) await delay(30);
          return result;
        },
      };
    }),
  },
  {
    fault: 'mixes up the results of overlapping runs',
    foundBy: 'overlapping runs are executed first in, first out, and each gets its own result',
    backend: withSession((session) => {
      let previous: Promise<RunResult> | undefined;
      const run: Run = (input, options) => {
        const own = session.run(input, options);
        const other = previous ?? own;
        previous = own;
        void own.then(
          () => {
            previous = undefined;
          },
          () => {},
        );
        return own.then(() => other);
      };
      return { run };
    }),
  },
  {
    fault: 'lets an image depend on its batch-mates',
    foundBy: 'an image gives the same bits alone and in any batch',
    backend: withResult((result, input) =>
      mapTensors(result, (tensor) => ({
        ...tensor,
        data: input.dims[0] > 1 ? tensor.data.map((value) => value * (1 + 2e-7)) : tensor.data,
      })),
    ),
  },
  {
    fault: 'lets NaN spread to the other images',
    foundBy: 'an image of NaN harms no other image, nor the next run',
    backend: withResult((result, input) =>
      mapTensors(result, (tensor) => ({
        ...tensor,
        data: input.data.some(Number.isNaN) ? tensor.data.map(() => Number.NaN) : tensor.data,
      })),
    ),
  },
  {
    fault: 'is a little wrong',
    foundBy: 'every output has the right shape and values',
    backend: withResult((result) =>
      mapTensors(result, (tensor) => ({ ...tensor, data: tensor.data.map((value) => value * 1.0001) })),
    ),
  },
  {
    fault: 'gives the right numbers in the wrong shape',
    foundBy: 'every output has the right shape and values',
    backend: withResult((result) =>
      mapTensors(result, ({ data, dims: [batch = 1, tokens = 1, ...rest] }) => ({
        data,
        dims: [tokens, batch, ...rest],
      })),
    ),
  },
  {
    fault: 'throws errors without a code',
    foundBy: 'an output that the session was not opened with is refused',
    backend: withSession((session) => ({
      run: (input, options) =>
        session.run(input, options).catch((error) => {
          throw new Error(error.message);
        }),
    })),
  },
  {
    fault: 'builds the graph before it is opened',
    foundBy: 'opening with an aborted signal is refused, and builds nothing',
    backend: withBackend((backend) => ({
      async open(model, options) {
        await model.onnx({ size: options.size, batch: 1, outputs: options.outputs });
        return backend.open(model, options);
      },
    })),
  },
  {
    fault: 'hides the error of the model source',
    foundBy: 'an error of the model source is the error of the opening',
    backend: withBackend((backend) => ({
      open: (model, options) =>
        backend.open(model, options).catch((cause) => {
          throw backendError('BACKEND_OPEN_FAILED', 'something went wrong', { cause });
        }),
    })),
  },
  {
    fault: 'goes on opening after an abort',
    foundBy: 'an abort while opening ends the opening',
    backend: withBackend((backend) => ({
      async open(model, { signal, ...options }) {
        if (signal?.aborted) throw backendError('BACKEND_ABORTED', 'early');
        return backend.open(model, options);
      },
    })),
  },
  {
    fault: 'promises batch sizes that are none',
    foundBy: 'the batch sizes are ascending whole numbers of at least 1',
    backend: withSession(() => ({ batchSizes: [4, 0] })),
  },
  {
    fault: 'accepts input of another size',
    foundBy: 'input that does not fit is refused, and the session stays usable: another height',
    backend: withSession((session) => ({
      run: (input, options) =>
        input?.dims?.[2] === 8 ? session.run(fixturePixels([0]), options) : session.run(input, options),
    })),
  },
];

/** Long enough for whatever happens; several faults are that something never does. */
const impatient = { patienceMilliseconds: 2000 };

describe('a backend wrapped as the broken ones are, but not broken, passes', () => {
  for (const { name, run } of conformanceCases(withSession(() => ({})))) it(name, run);
});

describe('each of these broken backends is found', () => {
  it.each(broken)('one that $fault', async ({ backend, foundBy }) => {
    const found = conformanceCases(backend, impatient).find(({ name }) => name === foundBy);
    expect(found, `a case named '${foundBy}'`).toBeDefined();
    await expect(found?.run()).rejects.toThrow();
  });
});

it('a device that dies in silence is found', async () => {
  const kill = ({ device }: Session) => void process.kill(Number(device.details['processId']), 'SIGKILL');
  const deaf = () => ({
    ...referenceBackend(),
    async open(...[model, options]: Parameters<Backend['open']>): Promise<Session> {
      const session = await referenceBackend({ isolation: 'process' }).open(model, options);
      return {
        ...session,
        device: session.device,
        maxInFlight: session.maxInFlight,
        closed: new Promise<never>(() => {}),
        run: (input: PixelBatch, runOptions?: RunOptions) => session.run(input, runOptions),
        close: () => session.close(),
      };
    },
  });
  const found = conformanceCases(deaf, { ...impatient, kill }).find(({ name }) =>
    name.startsWith('an idle device that dies'),
  );
  await expect(found?.run()).rejects.toThrow('closed: not settled');
});
