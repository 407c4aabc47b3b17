import { setImmediate as nextTurn } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { backendError } from '../backend-error.js';
import type { Backend, RunOptions } from '../contract.js';
import type { PixelBatch } from '../tensor.js';
import { WebsslError } from '../webssl-error.js';
import { conformanceCases } from './conformance-cases.js';
import { fixtureModel } from './fixture-model.js';
import { fixtureOutputs } from './fixture-parts.js';
import { referenceBackend } from './reference-backend.js';
import {
  type Broken,
  expectFound,
  impatient,
  type Session,
  withBackend,
  withSession,
} from './testing/broken-backend.js';

const broken: readonly Broken[] = [
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
];

describe('a backend wrapped as the broken ones are, but not broken, passes', () => {
  const cases = conformanceCases(
    withSession(() => ({})),
    { cycles: 10, leftovers: async () => ({ sessions: 0 }) },
  );
  for (const { name, run, timeoutMilliseconds } of cases) it(name, run, timeoutMilliseconds);
});

describe('each of these broken backends is found', () => {
  it.each(broken)('one that $fault', (one) => expectFound(one));
});

describe('a backend that leaks is found', () => {
  const foundBy = 'opening and closing again and again leaves nothing behind, and memory does not grow';

  it('where it keeps memory of each session', async () => {
    const kept: Uint8Array[] = [];
    const keeping = withSession((session) => ({
      close() {
        kept.push(new Uint8Array(2 ** 20).fill(1));
        return session.close();
      },
    }));
    const leaking = { fault: 'keeps 1 MiB of each session', foundBy, backend: keeping };
    await expectFound(leaking, { cycles: 60 }, /resident memory grows by \d+ KiB with each session/);
  }, 120_000);

  it('where its device still holds something of a session', async () => {
    let held = 0;
    const holding = withSession((session) => {
      held += 1;
      return { close: () => session.close() };
    });
    const leaking = { fault: 'frees nothing on the device', foundBy, backend: holding };
    const leftovers = async () => ({ models: 0, buffers: held });
    await expectFound(leaking, { cycles: 3, leftovers }, /left behind: buffers 3/);
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
