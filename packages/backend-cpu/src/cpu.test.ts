import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Backend, ModelSource, OnnxModel } from '@webssl/backend';
import { fixtureModel, fixturePixels } from '@webssl/backend/testkit';
import { cpu } from '@webssl/backend-cpu';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { availableThreads } from './available-threads.js';
import { loadOwnRuntime, runtimePlatforms } from './load-runtime.js';
import { openingError } from './opening-error.js';

const options = { size: { height: 12, width: 12 }, outputs: ['last_hidden_state'] } as const;
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'webssl-cpu-'));
});
afterAll(() => rm(folder, { recursive: true }));

describe('the device', () => {
  it('is described with processor, library, threads and mode', async () => {
    const session = await cpu({ threads: 1, mode: 'throughput' }).open(fixtureModel(), options);
    expect(session.device).toMatchObject({
      backend: 'cpu',
      name: cpus()[0]?.model.trim(),
      precision: 'fp32',
      library: 'onnxruntime 1.30.0',
      isolation: 'process',
      details: { threads: 1, mode: 'throughput' },
    });
    await session.close();
  });

  it('computes with as many threads as are available unless told otherwise', async () => {
    const session = await cpu().open(fixtureModel(), options);
    expect(session.device.details).toMatchObject({ threads: availableThreads(), mode: 'coldStart' });
    await session.close();
  });

  it('measures the time of the computation', async () => {
    const session = await cpu({ isolation: 'thread' }).open(fixtureModel(), options);
    const { timing } = await session.run(fixturePixels([0, 1]));
    expect(timing?.compute).toBeGreaterThan(0);
    await session.close();
  });
});

describe('options out of range are refused', () => {
  it.each([
    [{ threads: 0 }, 'threads must be a whole number from 1 to'],
    [{ threads: 9999 }, 'this machine has'],
    [{ threads: 1.5 }, 'threads'],
    [{ mode: 'fast' }, "mode must be 'coldStart' or 'throughput'"],
    [{ isolation: 'none' }, 'isolation'],
    [{ deadlineMilliseconds: 0 }, 'deadlineMilliseconds'],
    [{ openDeadlineMilliseconds: -1 }, 'openDeadlineMilliseconds'],
  ])('%o', (wrong, message) => {
    expect(() => cpu(wrong as Parameters<typeof cpu>[0])).toThrow(
      expect.objectContaining({ code: 'BACKEND_OPTION_INVALID', message: expect.stringContaining(message) }),
    );
  });
});

describe('what cannot be opened', () => {
  it('a precision that it does not know', async () => {
    await expect(cpu().open(fixtureModel(), { ...options, precision: 'fp16' })).rejects.toMatchObject({
      code: 'BACKEND_PRECISION_UNSUPPORTED',
      details: { supported: ['fp32', 'int8', 'tuned'] },
    });
  });

  it('int8 of a model that knows nothing of precisions and answers in float32', async () => {
    const model: ModelSource = {
      ...fixtureModel(),
      onnx: ({ size, batch, outputs, tokens = 'all' }) =>
        fixtureModel().onnx({ size, batch, outputs, tokens }),
    };
    await expect(cpu().open(model, { ...options, precision: 'int8' })).rejects.toMatchObject({
      code: 'BACKEND_PRECISION_UNSUPPORTED',
      message: expect.stringContaining("it gave a graph in 'fp32'"),
    });
  });

  it('weights that are not there', async () => {
    await expectRefusal((onnx) => ({ ...onnx, folder }), {
      code: 'BACKEND_WEIGHTS_UNREADABLE',
      message: expect.stringContaining(folder),
    });
  });

  it('weights that are cut short', async () => {
    await expectRefusal(
      async (onnx) => {
        const weights = await readFile(join(onnx.folder, 'model.safetensors'));
        await writeFile(join(folder, 'model.safetensors'), weights.subarray(0, weights.length / 2));
        return { ...onnx, folder };
      },
      { code: 'BACKEND_WEIGHTS_UNREADABLE' },
    );
  });

  it('bytes that are no model', async () => {
    await expectRefusal((onnx) => ({ ...onnx, bytes: new Uint8Array(99).fill(0xff) }), {
      code: 'BACKEND_MODEL_REFUSED',
    });
  });

  it('a model cut short', async () => {
    await expectRefusal((onnx) => ({ ...onnx, bytes: onnx.bytes.subarray(0, 5000) }), {
      code: expect.stringMatching(/^BACKEND_(MODEL_REFUSED|OPEN_FAILED)$/),
    });
  });

  async function expectRefusal(change: (onnx: OnnxModel) => OnnxModel | Promise<OnnxModel>, error: object) {
    const model: ModelSource = {
      ...fixtureModel(),
      onnx: async (part) => change(await fixtureModel().onnx(part)),
    };
    for (const isolation of ['process', 'thread'] as const) {
      await expect(cpu({ isolation }).open(model, options)).rejects.toMatchObject(error);
    }
  }
});

describe('without its native library', () => {
  const missing = Object.assign(new Error("Cannot find package '@webssl/onnxruntime-x'"), {
    code: 'ERR_MODULE_NOT_FOUND',
  });

  it('says what to install', async () => {
    const asked: string[] = [];
    const load = (name: string) => {
      asked.push(name);
      return Promise.reject(missing);
    };
    await expect(loadOwnRuntime(load)).rejects.toMatchObject({
      code: 'BACKEND_LIBRARY_MISSING',
      message: expect.stringContaining(
        runtimePlatforms.some((platform) => platform === `${process.platform}-${process.arch}`)
          ? 'npm install --include=optional'
          : "cpu({ runtime: 'onnxruntime-node' })",
      ),
      cause: missing,
    });
    expect(asked).toEqual([`@webssl/onnxruntime-${process.platform}-${process.arch}`]);
  });

  it('the probe reports it, and a session is refused', async () => {
    const worker = join(folder, 'worker.mjs');
    const host = import.meta.resolve?.('@webssl/backend/host') ?? '';
    await writeFile(
      worker,
      `import { serveBackend } from ${JSON.stringify(host)};
       import { WebsslError } from ${JSON.stringify(host.replace('host.js', 'index.js'))};
       serveBackend({ load() {
         throw new WebsslError({ code: 'BACKEND_LIBRARY_MISSING', message: 'Not here. Install it.', details: { advice: 'Install it.' } });
       } });`,
    );
    const backend: Backend = cpu({ workerEntry: new URL(`file://${worker}`) });
    expect(await backend.probe()).toEqual({
      usable: false,
      code: 'BACKEND_LIBRARY_MISSING',
      reason: 'Not here.',
      advice: 'Install it.',
    });
    await expect(backend.open(fixtureModel(), options)).rejects.toMatchObject({
      code: 'BACKEND_LIBRARY_MISSING',
    });
  });
});

it.each([
  ['std::bad_alloc', 'BACKEND_OUT_OF_MEMORY'],
  ['something else entirely', 'BACKEND_OPEN_FAILED'],
])('the runtime message "%s" means %s', (message, code) => {
  expect(openingError(new Error(message), 'folder')).toMatchObject({ code, cause: { message } });
});

describe('the runtime', () => {
  it.each([
    ['own', `@webssl/onnxruntime-${process.platform}-${process.arch}`, `runtimes/onnxruntime-`],
    ['onnxruntime-node', 'the onnxruntime-node of the user', 'node_modules/onnxruntime-node'],
  ] as const)('%s is %s', async (runtime, _what, place) => {
    const backend = cpu({ runtime });
    const report = await backend.probe();
    if (!report.usable) throw new Error(report.reason);
    expect(String(report.details?.['libraryPath']).replaceAll('\\', '/')).toContain(place);

    const session = await backend.open(fixtureModel(), options);
    const { tensors } = await session.run(fixturePixels([0]));
    await session.close();
    expect(tensors.last_hidden_state?.data).toEqual(await ownFeatures());
  });

  it('is no other', () => {
    expect(() => cpu({ runtime: 'onnxruntime-web' as 'own' })).toThrow("must be 'own' or 'onnxruntime-node'");
  });
});

async function ownFeatures(): Promise<Float32Array | undefined> {
  const session = await cpu({ isolation: 'thread' }).open(fixtureModel(), options);
  try {
    return (await session.run(fixturePixels([0]))).tensors.last_hidden_state?.data;
  } finally {
    await session.close();
  }
}
