import { setTimeout as delay } from 'node:timers/promises';
import { describe, it } from 'vitest';
import type { BackendSession, RunResult } from '../contract.js';
import type { PixelBatch } from '../tensor.js';
import { fixturePixels } from './fixture-pixels.js';
import {
  type Broken,
  expectFound,
  join,
  mapTensors,
  rows,
  withResult,
  withSession,
} from './testing/broken-backend.js';

type Run = BackendSession['run'];

const broken: readonly Broken[] = [
  {
    fault: 'swaps the rows of a batch',
    foundBy: 'batches of 1 to 33 have every image in its own row',
    backend: withResult((result) =>
      mapTensors(result, (tensor) => ({ ...tensor, data: join(rows(tensor).reverse()) })),
    ),
  },
  {
    fault: 'leaks the padding of odd batches',
    foundBy: 'batches of 1 to 33 have every image in its own row',
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
    fault: 'is wrong at one batch size',
    foundBy: 'batches of 1 to 33 have every image in its own row',
    backend: withResult((result, input) =>
      mapTensors(result, (tensor) =>
        input.dims[0] === 23 ? { ...tensor, data: tensor.data.map((value) => value * 1.001) } : tensor,
      ),
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
    fault: 'accepts input of another size',
    foundBy: 'input that does not fit is refused, and the session stays usable: another height',
    backend: withSession((session) => ({
      run: (input, options) =>
        input?.dims?.[2] === 8 ? session.run(fixturePixels([0]), options) : session.run(input, options),
    })),
  },
];

describe('each of these backends, whose results or inputs are not what they should be, is found', () => {
  it.each(broken)('one that $fault', (one) => expectFound(one));
});
