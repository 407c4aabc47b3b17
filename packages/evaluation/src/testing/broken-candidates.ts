import { type Backend, type BackendSession, type RunResult, type Tensor, WebsslError } from '@webssl/backend';
import { createModelSource } from '@webssl/graph';
import type { Checkpoint } from '@webssl/registry';

// Backends that are wrong on purpose, each made of one that is right: an evaluation must notice every one of them.

/** Adds the same noise, of up to `size` either way, to every `last_hidden_state`. */
export function noisy(backend: Backend, size: number): Backend {
  return changing(backend, 'noisy', (tensor) => withNoise(tensor, size, 1));
}

/** Adds other noise in every run. */
export function unstable(backend: Backend, size: number): Backend {
  return changing(backend, 'unstable', (tensor, run) => withNoise(tensor, size, run));
}

/** Is right in its first run, and further off with each one that follows. */
export function drifting(backend: Backend, step: number): Backend {
  return changing(backend, 'drifting', ({ data, dims }, run) => ({
    data: data.map((value) => value * (1 + step * (run - 1))),
    dims,
  }));
}

/** Gives NaN for one value of every image. */
export function notFinite(backend: Backend): Backend {
  return changing(backend, 'not-finite', (tensor) => {
    const [batch = 1] = tensor.dims;
    const data = tensor.data.slice();
    for (let image = 0; image < batch; image++) data[(image * data.length) / batch + 5] = Number.NaN;
    return { data, dims: tensor.dims };
  });
}

/** Gives the first two images of a batch each other's features. */
export function swapped(backend: Backend): Backend {
  return changing(backend, 'swapped', (tensor) => withSwappedRows(tensor, 0));
}

/** Gives the last two images of a batch each other's features. */
export function swappedAtTheEnd(backend: Backend): Backend {
  return changing(backend, 'swapped-at-the-end', (tensor) =>
    withSwappedRows(tensor, (tensor.dims[0] ?? 1) - 2),
  );
}

/** Gives NaN for the last image of a batch of several, and is right for all others. */
export function wrongInTheLastRow(backend: Backend): Backend {
  return changing(backend, 'wrong-in-the-last-row', ({ data, dims }) => {
    const [batch = 1] = dims;
    if (batch < 2) return { data, dims };
    return { data: data.slice().fill(Number.NaN, data.length - data.length / batch), dims };
  });
}

/** Gives the CLS token alone. */
export function classTokenOnly(backend: Backend): Backend {
  return changing(backend, 'class-token-only', ({ data, dims }) => {
    const [batch = 1, , width = 1] = dims;
    const rows = Array.from({ length: batch }, (_, image) => {
      const start = (image * data.length) / batch;
      return [...data.subarray(start, start + width)];
    });
    return { data: Float32Array.from(rows.flat()), dims: [batch, 1, width] };
  });
}

/** Gives one token too few. */
export function misshapen(backend: Backend): Backend {
  return changing(backend, 'misshapen', ({ data, dims }) => {
    const [batch = 1, tokens = 1, width = 1] = dims;
    return { data: data.slice(0, data.length - width * batch), dims: [batch, tokens - 1, width] };
  });
}

/** Computes a model that lacks a layer: `hidden_states.<layer + 1>` is the first that is wrong. */
export function lackingLayer(backend: Backend, checkpoint: Checkpoint, layer: number): Backend {
  return {
    ...backend,
    id: `${backend.id}-lacking-layer`,
    open: (_, options) => backend.open(createModelSource(checkpoint, { omitLayers: [layer] }), options),
  };
}

/** Refuses batches of more than `limit`, as a device that has too little memory does. */
export function refusing(backend: Backend, limit: number): Backend {
  return wrapping(backend, 'refusing', (session) => ({
    run: async (input, options) => {
      if (input.dims[0] <= limit) return session.run(input, options);
      throw new WebsslError({
        code: 'BACKEND_RUN_FAILED',
        message: `A batch of ${input.dims[0]} does not fit the device.`,
      });
    },
  }));
}

/** Loses its process in the middle: when the run after `runs` others begins. */
export function dying(backend: Backend, runs: number): Backend {
  return wrapping(backend, 'dying', (session) => {
    let left = runs;
    return {
      run: (input, options) => {
        // Before it runs: a tiny model would be computed before a busy machine comes to the kill.
        if (left-- === 0) process.kill(Number(session.device.details['processId']), 'SIGKILL');
        return session.run(input, options);
      },
    };
  });
}

/** Ends its session, and says that it could not. */
export function unclosable(backend: Backend): Backend {
  return wrapping(backend, 'unclosable', (session) => ({
    close: async () => {
      await session.close();
      throw new WebsslError({
        code: 'BACKEND_LOST',
        message: 'The device did not answer when it was closed.',
      });
    },
  }));
}

/** Changes every `last_hidden_state`; runs are counted from 1. */
function changing(backend: Backend, name: string, change: (tensor: Tensor, run: number) => Tensor): Backend {
  return wrapping(backend, name, (session) => {
    let run = 0;
    return {
      run: async (input, options): Promise<RunResult> => {
        const { tensors } = await session.run(input, options);
        run++;
        const { last_hidden_state: state, ...others } = tensors;
        return {
          tensors: { ...others, ...(state === undefined ? {} : { last_hidden_state: change(state, run) }) },
        };
      },
    };
  });
}

function wrapping(
  backend: Backend,
  name: string,
  wrap: (session: BackendSession) => Partial<Pick<BackendSession, 'run' | 'close'>>,
): Backend {
  return {
    ...backend,
    id: `${backend.id}-${name}`,
    async open(model, options) {
      const session = await backend.open(model, options);
      const { device, batchSizes, maxInFlight, closed } = session;
      return {
        device,
        batchSizes,
        maxInFlight,
        closed,
        run: (input, runOptions) => session.run(input, runOptions),
        close: () => session.close(),
        ...wrap(session),
      };
    },
  };
}

/** With each other's values in the row `first` and the one that follows, where both are there. */
function withSwappedRows({ data, dims }: Tensor, first: number): Tensor {
  const [batch = 1] = dims;
  if (batch < 2) return { data, dims };
  const row = (position: number) =>
    data.subarray((position * data.length) / batch, ((position + 1) * data.length) / batch);
  const swapped = data.slice();
  swapped.set(row(first + 1), (first * data.length) / batch);
  swapped.set(row(first), ((first + 1) * data.length) / batch);
  return { data: swapped, dims };
}

/** Noise that depends on the place of a value in its image, and on the seed. */
function withNoise({ data, dims }: Tensor, size: number, seed: number): Tensor {
  const [batch = 1] = dims;
  const length = data.length / batch;
  const noise = (place: number) => (Math.imul(place + seed * 7919, 0x9e3779b1) >>> 0) / 2 ** 31 - 1;
  return { data: data.map((value, place) => value + size * noise(place % length)), dims };
}
