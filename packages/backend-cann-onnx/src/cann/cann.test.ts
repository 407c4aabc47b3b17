import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { Worker } from 'node:worker_threads';
import type { BackendSession, ModelSource, OpenOptions } from '@webssl/backend';
import { expectedTensor, fixtureModel, fixturePixels } from '@webssl/backend/testkit';
import { type CannOnnxOptions, cannOnnx } from '@webssl/backend-cann-onnx';
import { nmse } from '@webssl/metrics';
import { buildAscendSimulator } from '@webssl-tooling/ascend-simulator';
import {
  buildOnnxRuntimeCann,
  type OnnxRuntimeCannConfiguration,
} from '@webssl-tooling/ascend-simulator/onnxruntime-cann';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { setEnvironment } from '../testing/set-environment.js';

const built = buildOnnxRuntimeCann();
const ascend = buildAscendSimulator();
const reason = 'missing' in built ? ` (not here: ${built.missing})` : '';
const open: OpenOptions = { size: { height: 12, width: 12 }, outputs: ['last_hidden_state'] };
const exact = 1e-10;

let folder: string;
let log: string;
let restore: () => void = () => {};
let sessions: BackendSession[];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'webssl-cann-'));
  log = join(folder, 'log');
  sessions = [];
  configure({});
});

afterEach(async () => {
  await Promise.all(sessions.map((session) => session.close()));
  restore();
  rmSync(folder, { recursive: true });
});

function configure(configuration: OnnxRuntimeCannConfiguration): void {
  if (!('missing' in built)) restore = setEnvironment(built.environment({ log, ...configuration }));
}

function cann(options: CannOnnxOptions = {}) {
  const library = 'missing' in built ? '' : built.library;
  return cannOnnx({ library, cacheFolder: join(folder, 'cache'), ...options });
}

async function openCann(
  options: CannOnnxOptions = {},
  changes: Partial<OpenOptions> = {},
  model = fixtureModel(),
) {
  const session = await cann(options).open(model, { ...open, ...changes });
  sessions.push(session);
  return session;
}

async function errorOf(session: BackendSession, images: readonly number[]) {
  const { tensors } = await session.run(fixturePixels(images));
  return nmse(
    tensors.last_hidden_state?.data ?? new Float32Array(),
    expectedTensor(images, 'last_hidden_state').data,
  );
}

/** What was compiled and loaded, in order. */
function compilations(): string[] {
  return existsSync(log)
    ? readFileSync(log, 'utf8')
        .trim()
        .split('\n')
        .map((line) => line.split(' ')[0] ?? '')
    : [];
}

/** The files in the cache, those of working folders included. */
function cached(): string[] {
  return readdirSync(join(folder, 'cache'), { recursive: true, encoding: 'utf8' }).filter((name) =>
    name.endsWith('.om'),
  );
}

describe.skipIf('missing' in built)(`CANN${reason}`, () => {
  describe('the device', () => {
    it('is described with library and provider, and as simulated', async () => {
      expect((await openCann({ device: 0 })).device).toMatchObject({
        backend: 'cann-onnx',
        name: expect.stringMatching(/ \(simulator\)$/),
        precision: 'fp32',
        library: 'ONNX Runtime 1.30.0 (CANN provider)',
        isolation: 'process',
        details: { provider: 'cann', keepsCompiled: true, pieces: 1 },
      });
    });

    it.skipIf('missing' in ascend)('has the name that AscendCL gives it', async () => {
      if ('missing' in ascend) return;
      const { library, environment } = ascend.simulator;
      const undo = setEnvironment({
        ...environment({ soc: 'Ascend310P3' }),
        LD_LIBRARY_PATH: dirname(library),
      });
      try {
        expect((await openCann()).device.name).toBe('Ascend310P3 (simulator)');
      } finally {
        undo();
      }
    });

    it('is one of those that the probe counts', async () => {
      configure({ devices: 3 });
      expect(await cann({ device: 2 }).probe()).toMatchObject({
        usable: true,
        devices: [{ index: 0 }, { index: 1 }, { index: 2 }],
      });
      expect((await openCann({ device: 2 })).device.index).toBe(2);
    });

    it.each<[string, OnnxRuntimeCannConfiguration, CannOnnxOptions, object]>([
      [
        'of a number that CANN does not have',
        { devices: 2 },
        { device: 2 },
        { code: 'CANN_DEVICE_UNAVAILABLE' },
      ],
      ['where CANN has none', { devices: 0 }, {}, { code: 'CANN_DEVICE_UNAVAILABLE' }],
      [
        'where the library has no CANN',
        { withoutProvider: true },
        {},
        { code: 'CANN_PROVIDER_MISSING', message: expect.stringContaining('CPUExecutionProvider') },
      ],
      [
        'where a library that the provider needs is not found',
        {
          providerError:
            'Failed to load library libonnxruntime_providers_cann.so with error: libmsprofiler.so',
        },
        {},
        { code: 'CANN_PROVIDER_FAILED', message: expect.stringContaining('set_env.sh') },
      ],
      [
        'where the provider knows neither name of the precision',
        { generation: 'neither' },
        {},
        { code: 'CANN_PROVIDER_FAILED', message: expect.stringContaining('precision_mode_v2') },
      ],
      [
        'where a stub library is loaded',
        { faults: 'append=100039' },
        {},
        { code: 'CANN_PROVIDER_FAILED', message: expect.stringContaining('LD_LIBRARY_PATH') },
      ],
      [
        'where operators would be left to the CPU',
        { withoutOperators: ['Erf'] },
        {},
        { code: 'CANN_FALLBACK_REFUSED', message: expect.stringContaining('acl-native') },
      ],
      ['that has no memory left', { faults: 'create=207001' }, {}, { code: 'BACKEND_OUT_OF_MEMORY' }],
      [
        'that fails',
        { faults: 'create=507033' },
        {},
        { code: 'BACKEND_OPEN_FAILED', details: { policy: 'renew' } },
      ],
      [
        'where the library is too old',
        { version: '1.17.3' },
        {},
        { code: 'ONNXRUNTIME_VERSION_UNSUPPORTED', message: expect.stringContaining('1.18') },
      ],
      [
        'where the library is of another time',
        { version: '2.0.0' },
        {},
        { code: 'ONNXRUNTIME_VERSION_UNSUPPORTED', message: expect.stringContaining('only versions 1.x') },
      ],
    ])('is refused %s', async (_when, configuration, options, error) => {
      configure(configuration);
      await expect(openCann(options)).rejects.toMatchObject(error);
    });

    it.each<[OnnxRuntimeCannConfiguration, CannOnnxOptions, string]>([
      [{ devices: 0 }, {}, 'CANN_DEVICE_UNAVAILABLE'],
      [{ devices: 2 }, { device: 5 }, 'CANN_DEVICE_UNAVAILABLE'],
      [{ withoutProvider: true }, {}, 'CANN_PROVIDER_MISSING'],
      [{ providerError: 'Failed to load library x.so' }, {}, 'CANN_PROVIDER_FAILED'],
      [{ version: '1.12.0' }, {}, 'ONNXRUNTIME_VERSION_UNSUPPORTED'],
      [{ faults: 'update=crash' }, {}, 'BACKEND_LOST'],
    ])('is not usable, says the probe: %o %o', async (configuration, options, code) => {
      configure(configuration);
      expect(await cann(options).probe()).toMatchObject({ usable: false, code, advice: expect.any(String) });
    });
  });

  describe('the precision', () => {
    it.each(['first', 'precision_mode', 'precision_mode_v2'] as const)(
      'is what was asked for, whichever generation the provider is of: %s',
      async (generation) => {
        configure({ generation });
        expect(await errorOf(await openCann(), [0, 1, 2])).toBeLessThan(exact);
        for (const precision of ['fp16', 'mixed']) {
          const session = await openCann({}, { precision });
          expect(session.device.precision).toBe(precision);
          const error = await errorOf(session, [0, 1, 2]);
          expect(error).toBeGreaterThan(exact);
          expect(error).toBeLessThan(1e-5);
        }
      },
    );

    it('is refused in a thread where the provider would write to the working folder of the program', async () => {
      configure({ generation: 'first' });
      await expect(openCann({ isolation: 'thread' })).rejects.toMatchObject({
        code: 'CANN_PROVIDER_FAILED',
        message: expect.stringContaining('dump_om_model'),
      });
    });

    it('is refused where CANN does not have it', async () => {
      await expect(openCann({}, { precision: 'int8' })).rejects.toMatchObject({
        code: 'BACKEND_PRECISION_UNSUPPORTED',
        details: { supported: ['fp32', 'fp16', 'mixed'] },
      });
    });

    it('is one for all sessions in threads of a process', async () => {
      const isolation = 'thread';
      await openCann({ isolation });
      await openCann({ isolation });
      await expect(openCann({ isolation }, { precision: 'fp16' })).rejects.toMatchObject({
        code: 'CANN_PRECISION_FIXED',
        details: { first: 'fp32', precision: 'fp16' },
      });
      expect(await errorOf(await openCann({}, { precision: 'fp16' }), [0])).toBeGreaterThan(exact);
    });

    it('cannot be known to be the one of the process outside the main thread', async () => {
      const entry = new URL('../../dist/index.js', import.meta.url).href;
      const program = `
        const { parentPort } = require('node:worker_threads');
        const open = { size: { height: 12, width: 12 }, outputs: ['last_hidden_state'] };
        import('${entry}').then(({ cannOnnx }) => cannOnnx({ isolation: 'thread' }).open({}, open))
          .catch(({ code }) => parentPort.postMessage(code));`;
      const code = await new Promise((resolve, reject) => {
        new Worker(program, { eval: true }).once('message', resolve).once('error', reject);
      });
      expect(code).toBe('CANN_PRECISION_FIXED');
    });
  });

  describe('a batch', () => {
    it('is split and padded to the sizes that CANN compiles for', async () => {
      const session = await openCann({ batchSizes: [4, 1] });
      expect(session.batchSizes).toEqual([1, 4]);
      expect(await errorOf(session, [0, 1, 2, 3, 4, 5, 6])).toBeLessThan(exact);
      expect(await errorOf(session, [0, 1, 2, 3, 4])).toBeLessThan(exact);
      expect(await errorOf(session, [5, 6])).toBeLessThan(exact);
      expect(compilations()).toEqual(['compile', 'compile']);
    });
  });

  describe('a model above the limit of a message', () => {
    // The graphs are a few kilobytes each, the weights 17 184 bytes.
    const graphLimitBytes = 30_000;

    it('is refused whole', async () => {
      configure({ graphLimitBytes: 10_000 });
      const session = await openCann();
      await expect(session.run(fixturePixels([0]))).rejects.toMatchObject({
        code: 'CANN_COMPILE_FAILED',
        message: expect.stringContaining('aclgrphParseONNXFromMem'),
      });
    });

    it('runs in pieces', async () => {
      configure({ graphLimitBytes });
      const session = await openCann({ pieceBytes: 8000 });
      expect(session.device.details['pieces']).toBe(3);
      expect(await errorOf(session, [0, 1, 2, 3, 4])).toBeLessThan(exact);
    });
  });

  describe('what CANN compiled', () => {
    it('is loaded the next time', async () => {
      const first = await openCann({ pieceBytes: 8000 });
      await first.run(fixturePixels([0]));
      await first.close();
      expect(compilations()).toEqual(['compile', 'compile', 'compile']);
      const second = await openCann({ pieceBytes: 8000 });
      expect(await errorOf(second, [0])).toBeLessThan(exact);
      expect(compilations().slice(3)).toEqual(['load', 'load', 'load']);
    });

    it('is not taken for that of other weights, another precision or another device', async () => {
      configure({ devices: 2 });
      await errorOf(await openCann(), [0]);
      const other: ModelSource = { ...fixtureModel(), key: 'other' };
      await errorOf(await openCann({}, {}, other), [0]);
      expect(await errorOf(await openCann({}, { precision: 'fp16' }), [0])).toBeGreaterThan(exact);
      await errorOf(await openCann({ device: 1 }), [0]);
      expect(compilations()).toEqual(['compile', 'compile', 'compile', 'compile']);
    });

    it('is one file for each batch size, and no working folder stays', async () => {
      const session = await openCann({ batchSizes: [1, 4] });
      await session.run(fixturePixels([0, 1, 2, 3, 4]));
      await session.close();
      expect(cached()).toHaveLength(2);
      expect(cached().filter((name) => name.includes('running-'))).toEqual([]);
    });

    it('is not kept where it could not be saved', async () => {
      configure({ faults: 'save=1' });
      const session = await openCann();
      await expect(session.run(fixturePixels([0]))).rejects.toMatchObject({ code: 'CANN_COMPILE_FAILED' });
      expect(cached()).toEqual([]);
      expect(await errorOf(session, [0])).toBeLessThan(exact);
      expect(compilations()).toEqual(['compile', 'compile']);
    });

    it('survives a process that is killed, whose working folder the next one removes', async () => {
      const first = await openCann();
      await first.run(fixturePixels([0]));
      process.kill(Number(first.device.details['processId']), 'SIGKILL');
      await first.closed;
      expect(cached().filter((name) => name.includes('running-'))).toHaveLength(1);
      const second = await openCann();
      await second.run(fixturePixels([0]));
      await second.close();
      expect(compilations()).toEqual(['compile', 'load']);
      expect(cached().filter((name) => name.includes('running-'))).toEqual([]);
    });

    it('leaves nothing in the working folder of the program', async () => {
      const before = readdirSync('.');
      for (const isolation of ['process', 'thread'] as const) {
        const session = await openCann({ isolation });
        await session.run(fixturePixels([0]));
        expect(session.device.details['keepsCompiled']).toBe(isolation === 'process');
      }
      expect(readdirSync('.')).toEqual(before);
    });

    it('needs a folder that can be written', async () => {
      const cacheFolder = join(folder, 'file');
      writeFileSync(cacheFolder, '');
      await expect(openCann({ cacheFolder })).rejects.toMatchObject({
        code: 'CANN_CACHE_UNUSABLE',
        message: expect.stringContaining(cacheFolder),
      });
    });

    it('is by default in the cache folder of the user', async () => {
      const home = setEnvironment({ XDG_CACHE_HOME: join(folder, 'home') });
      try {
        const session = await cannOnnx({ library: 'missing' in built ? '' : built.library }).open(
          fixtureModel(),
          open,
        );
        await session.run(fixturePixels([0]));
        await session.close();
      } finally {
        home();
      }
      expect(readdirSync(join(folder, 'home', 'webssl', 'cann'))).toHaveLength(1);
    });
  });

  describe('a run', () => {
    it('that finds no memory leaves the session usable', async () => {
      configure({ faults: 'run=207001' });
      const session = await openCann();
      await expect(session.run(fixturePixels([0]))).rejects.toMatchObject({ code: 'BACKEND_OUT_OF_MEMORY' });
      expect(await errorOf(session, [0])).toBeLessThan(exact);
    });

    it('that fails for another reason leaves the session usable', async () => {
      configure({ faults: 'run=500002' });
      const session = await openCann();
      await expect(session.run(fixturePixels([0]))).rejects.toMatchObject({
        code: 'BACKEND_RUN_FAILED',
        message: expect.stringContaining('500002'),
      });
      expect(await errorOf(session, [0])).toBeLessThan(exact);
    });

    it.each([
      [507_010, 'renew'],
      [507_015, 'renew'],
      [507_054, 'give-up'],
    ])('on a device that fails with %i is lost with its session', async (code, policy) => {
      configure({ faults: `run#*=${code}` });
      for (const isolation of ['process', 'thread'] as const) {
        const session = await openCann({ isolation });
        await expect(session.run(fixturePixels([0]))).rejects.toMatchObject({
          code: 'BACKEND_LOST',
          message: expect.stringContaining(String(code)),
          details: { policy },
        });
        expect(await session.closed).toMatchObject({ kind: 'lost' });
      }
    });

    it('that hangs is lost after the deadline', async () => {
      configure({ faults: 'run=hang' });
      const session = await openCann({ deadlineMilliseconds: 1000 });
      await expect(session.run(fixturePixels([0]))).rejects.toMatchObject({ code: 'BACKEND_LOST' });
      expect(await session.closed).toMatchObject({ kind: 'lost' });
    });

    it('in which the driver crashes is lost, and the program lives on', async () => {
      configure({ faults: 'run=crash' });
      const session = await openCann();
      await expect(session.run(fixturePixels([0]))).rejects.toMatchObject({ code: 'BACKEND_LOST' });
    });
  });
});
