import { spawnSync } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { cpus, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { ModelSource, OnnxModel } from '@webssl/backend';
import { fixtureModel, fixturePixels } from '@webssl/backend/testkit';
import { type CannOnnxOptions, cannOnnx } from '@webssl/backend-cann-onnx';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { libraryPlaces } from './onnxruntime/library-places.js';
import { loadRuntime } from './onnxruntime/load-runtime.js';
import { Resources } from './onnxruntime/resources.js';
import { loadModel } from './open-session.js';
import type { SessionSetup } from './session-setup.js';
import { setEnvironment } from './testing/set-environment.js';

const open = { size: { height: 12, width: 12 }, outputs: ['last_hidden_state'] } as const;
const require = createRequire(import.meta.url);
const runtimeFolder = dirname(require.resolve('onnxruntime-node/package.json'));
const stock = join(runtimeFolder, 'bin', 'napi-v6', process.platform, process.arch, 'libonnxruntime.so.1');
let folder: string;
let restore: () => void = () => {};

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'webssl-cann-onnx-'));
});
afterAll(() => rm(folder, { recursive: true }));
afterEach(() => restore());

describe('the CPU as a device', () => {
  it('is described with processor, provider and library', async () => {
    const session = await cannOnnx({ provider: 'cpu', threads: 1 }).open(fixtureModel(), open);
    expect(session.device).toMatchObject({
      backend: 'cann-onnx',
      name: cpus()[0]?.model.trim(),
      precision: 'fp32',
      library: 'ONNX Runtime 1.30.0 (CPU provider)',
      isolation: 'process',
      index: 0,
      details: {
        provider: 'cpu',
        libraryPath: expect.stringContaining('libonnxruntime'),
        threads: 1,
        pieces: 1,
      },
    });
    const { timing } = await session.run(fixturePixels([0, 1]));
    expect(timing?.compute).toBeGreaterThan(0);
    await session.close();
  });

  it('is reported by the probe', async () => {
    expect(await cannOnnx({ provider: 'cpu', library: stock }).probe()).toMatchObject({
      usable: true,
      library: 'ONNX Runtime 1.30.0 (CPU provider)',
      devices: [{ index: 0, totalMemoryBytes: expect.any(Number) }],
      details: { provider: 'cpu', libraryPath: stock },
    });
  });
});

describe('options out of range are refused', () => {
  it.each<[object, string]>([
    [{ provider: 'gpu' }, "provider must be 'cann' or 'cpu'"],
    [{ device: -1 }, 'device must be a whole number from 0 to 2147483647'],
    [{ device: 2 ** 32 }, 'device'],
    [{ provider: 'cpu', device: 1 }, "device must be 0 where the provider is 'cpu'"],
    [{ library: '' }, 'library must be the path of a file'],
    [{ batchSizes: [] }, 'batchSizes must be a list of different whole numbers from 1'],
    [{ batchSizes: [1, 1] }, 'batchSizes'],
    [{ batchSizes: [0] }, 'batchSizes'],
    [{ batchSizes: ['1'] }, 'batchSizes'],
    [{ batchSizes: [2 ** 31] }, 'batchSizes'],
    [{ device: 1n }, 'cannOnnx({ device: 1n }): device must be'],
    [{ pieceBytes: '5' }, "cannOnnx({ pieceBytes: '5' }): pieceBytes must be"],
    [{ pieceBytes: Number.NaN }, 'pieceBytes'],
    [{ pieceBytes: 0 }, 'pieceBytes must be a number of bytes above 0'],
    [{ cacheFolder: 3 }, 'cacheFolder must be the path of a folder'],
    [{ threads: 0 }, 'threads must be a whole number from 1 to 1024'],
    [{ threads: 1025 }, 'threads'],
    [{ threads: '2' }, 'threads'],
    [{ deadlineMilliseconds: '1000' }, 'deadlineMilliseconds'],
    [{ isolation: 'none' }, "isolation must be 'process' or 'thread'"],
    [{ deadlineMilliseconds: 0 }, 'deadlineMilliseconds must be a number of milliseconds above 0'],
    [{ workerEntry: 'worker.js' }, 'workerEntry must be a URL'],
  ])('%o', (wrong, message) => {
    expect(() => cannOnnx(wrong as CannOnnxOptions)).toThrow(
      expect.objectContaining({ code: 'BACKEND_OPTION_INVALID', message: expect.stringContaining(message) }),
    );
  });
});

describe('the library', () => {
  it('is the one of the option, and no other', async () => {
    const library = join(folder, 'libonnxruntime.so');
    const missing = {
      code: 'BACKEND_LIBRARY_MISSING',
      message: `No ONNX Runtime library could be loaded: there is no ${library} (the option library). Install onnxruntime-node (npm install onnxruntime-node), or name a libonnxruntime.so in WEBSSL_ONNXRUNTIME_LIBRARY.`,
      details: { tried: [library] },
    };
    await expect(cannOnnx({ provider: 'cpu', library }).open(fixtureModel(), open)).rejects.toMatchObject(
      missing,
    );
    expect(await cannOnnx({ library }).probe()).toMatchObject({
      usable: false,
      code: 'BACKEND_LIBRARY_MISSING',
      reason: `No ONNX Runtime library could be loaded: there is no ${library} (the option library).`,
      advice: expect.stringContaining('--use_cann'),
    });
  });

  it('is the one that the environment names', async () => {
    restore = setEnvironment({ WEBSSL_ONNXRUNTIME_LIBRARY: stock });
    const session = await cannOnnx({ provider: 'cpu' }).open(fixtureModel(), open);
    expect(session.device.details['libraryPath']).toBe(stock);
    await session.close();
    restore = setEnvironment({ WEBSSL_ONNXRUNTIME_LIBRARY: join(folder, 'nothing.so') });
    await expect(cannOnnx({ provider: 'cpu' }).open(fixtureModel(), open)).rejects.toMatchObject({
      message: expect.stringContaining('$WEBSSL_ONNXRUNTIME_LIBRARY'),
    });
  });

  it('is looked for in onnxruntime-node for the CPU only, then where libraries usually are', () => {
    const origins = (provider: 'cpu' | 'cann') => [
      ...new Set(libraryPlaces(provider, undefined, {}).map(({ origin }) => origin)),
    ];
    expect(origins('cpu')).toEqual(['onnxruntime-node', "the loader's search path", undefined]);
    expect(origins('cann')).toEqual(["the loader's search path", undefined]);
  });

  it('is refused where the file is no library', async () => {
    const library = join(folder, 'text.so');
    await writeFile(library, 'not a library');
    await expect(cannOnnx({ provider: 'cpu', library }).open(fixtureModel(), open)).rejects.toMatchObject({
      code: 'BACKEND_LIBRARY_MISSING',
      message: expect.stringContaining(`${library} (the option library) cannot be loaded: `),
    });
  });

  it('is refused where it is for another processor, which the loader takes for one that is not there', async () => {
    const library = join(folder, 'other-processor.so');
    const header = Buffer.alloc(64);
    header.write('\x7fELF\x02\x01\x01', 'latin1');
    header.writeUInt16LE(process.arch === 'arm64' ? 62 : 183, 18);
    await writeFile(library, header);
    const other = process.arch === 'arm64' ? 'x64' : 'arm64';
    expect(await cannOnnx({ library }).probe()).toEqual({
      usable: false,
      code: 'BACKEND_LIBRARY_MISSING',
      reason: `No ONNX Runtime library could be loaded: ${library} (the option library) is for another processor (${other}, 64 bits) than this Node.js (${process.arch}).`,
      advice: expect.stringContaining('for this processor'),
    });
    await expect(cannOnnx({ provider: 'cpu', library }).open(fixtureModel(), open)).rejects.toMatchObject({
      code: 'BACKEND_LIBRARY_MISSING',
      message: expect.stringContaining('is for another processor'),
    });
  });

  it('is refused where it is another library', async () => {
    const library = 'libm.so.6';
    await expect(cannOnnx({ provider: 'cpu', library }).open(fixtureModel(), open)).rejects.toMatchObject({
      code: 'ONNXRUNTIME_INVALID',
      message: expect.stringContaining('no function OrtGetApiBase'),
    });
  });

  it('is refused for CANN where it was built without it', async () => {
    const backend = cannOnnx({ library: stock, cacheFolder: join(folder, 'cache') });
    const error = {
      code: 'CANN_PROVIDER_MISSING',
      message: expect.stringMatching(/built without CANN: it has .*CPUExecutionProvider.*--use_cann/),
    };
    await expect(backend.open(fixtureModel(), open)).rejects.toMatchObject(error);
    expect(await backend.probe()).toMatchObject({ usable: false, code: 'CANN_PROVIDER_MISSING' });
  });
});

describe('what cannot be opened on the CPU', () => {
  it('another precision than fp32', async () => {
    await expect(
      cannOnnx({ provider: 'cpu' }).open(fixtureModel(), { ...open, precision: 'fp16' }),
    ).rejects.toMatchObject({ code: 'BACKEND_PRECISION_UNSUPPORTED', details: { supported: ['fp32'] } });
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

  async function expectRefusal(change: (onnx: OnnxModel) => OnnxModel | Promise<OnnxModel>, error: object) {
    const model: ModelSource = {
      ...fixtureModel(),
      onnx: async (part) => change(await fixtureModel().onnx(part)),
    };
    for (const isolation of ['process', 'thread'] as const) {
      await expect(cannOnnx({ provider: 'cpu', isolation }).open(model, open)).rejects.toMatchObject(error);
    }
  }
});

it('a batch for which the host has no memory is refused, and the session stays usable', async () => {
  const backend = cannOnnx({ provider: 'cpu', batchSizes: [1, 2 ** 31 - 1] });
  const session = await backend.open(fixtureModel(), open);
  await expect(session.run(fixturePixels([0, 1]))).rejects.toMatchObject({
    code: 'BACKEND_OUT_OF_MEMORY',
    message: expect.stringContaining('smaller batchSizes'),
  });
  expect((await session.run(fixturePixels([0]))).tensors.last_hidden_state?.dims[0]).toBe(1);
  await session.close();
});

it('importing the package loads no native code', () => {
  const program = `
    import '@webssl/backend-cann-onnx';
    const loaded = process.report.getReport().sharedObjects;
    console.log(loaded.filter((path) => /koffi|onnxruntime/.test(path)).length);`;
  const { stdout } = spawnSync(process.execPath, ['--input-type=module', '--eval', program], {
    cwd: import.meta.dirname,
    encoding: 'utf8',
  });
  expect(stdout).toBe('0\n');
});

it('200 sessions leave the memory of the process as it is', async () => {
  const { bytes, folder: weights, files, input } = await fixtureModel().onnx({ ...open, batch: 1 });
  const { outputs } = open;
  const setup: SessionSetup = {
    provider: 'cpu',
    device: 0,
    modelKey: 'fixture',
    pieces: [{ graph: bytes, folder: weights, files, input, outputs }],
    tokens: 'all',
    batchSizes: [1],
    precision: 'fp32',
    threads: 1,
    cacheFolder: folder,
  };
  // In this thread: koffi itself leaves memory behind in every worker thread that loads it.
  const runtime = loadRuntime('cpu');
  const cycle = async () => {
    const session = loadModel(runtime, setup, new Resources(), async (call) => call());
    const { signal } = new AbortController();
    await session.run({ input: fixturePixels([0, 1]), outputs, tokens: 'all', signal });
    await session.close();
  };
  const megabytes = () => process.memoryUsage.rss() / 2 ** 20;
  // What the first sessions leave to the process for good is no leak.
  for (let count = 0; count < 50; count += 1) await cycle();
  const before = megabytes();
  for (let count = 0; count < 150; count += 1) await cycle();
  expect(megabytes() - before).toBeLessThan(8);
});
