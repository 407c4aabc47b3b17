import { dirname } from 'node:path';
import type { CannOnnxOptions } from '@webssl/backend-cann-onnx';
import { buildAscendSimulator, type SimulatorConfiguration } from '@webssl-tooling/ascend-simulator';
import type { OnnxRuntimeCannConfiguration } from '@webssl-tooling/ascend-simulator/onnxruntime-cann';
import { afterEach, describe, expect, it } from 'vitest';
import { missing, reason, useCannMachine } from '../testing/cann-stand-in.js';
import { setEnvironment } from '../testing/set-environment.js';

const ascend = buildAscendSimulator();
const cann = useCannMachine();

describe.skipIf(missing !== undefined)(`CANN${reason}`, () => {
  describe('the device', () => {
    it('is described with library and provider, and as simulated', async () => {
      expect((await cann.open({ device: 0 })).device).toMatchObject({
        backend: 'cann-onnx',
        name: expect.stringMatching(/ \(simulator\)$/),
        precision: 'fp32',
        library: 'ONNX Runtime 1.30.0 (CANN provider)',
        isolation: 'process',
        details: { provider: 'cann', keepsCompiled: true, pieces: 1 },
      });
    });

    describe.skipIf('missing' in ascend)('where AscendCL is', () => {
      let undo = () => {};
      const configureAscend = (configuration: SimulatorConfiguration) => {
        if ('missing' in ascend) return;
        const { library, environment } = ascend.simulator;
        undo = setEnvironment({ ...environment(configuration), LD_LIBRARY_PATH: dirname(library) });
      };
      afterEach(() => undo());

      it('has the name and the memory that AscendCL tells', async () => {
        configureAscend({ soc: 'Ascend310P3', memoryBytes: 2 ** 29 });
        expect((await cann.open()).device.name).toBe('Ascend310P3 (simulator)');
        expect(await cann.backend().probe()).toMatchObject({
          usable: true,
          devices: [
            {
              index: 0,
              name: 'Ascend310P3 (simulator)',
              totalMemoryBytes: 2 ** 29,
              freeMemoryBytes: expect.any(Number),
            },
          ],
        });
      });

      const problems = [
        ['207006', 'CANN_DEVICE_UNAVAILABLE', 'this user has no permission on the NPU', 'HwHiAiUser'],
        ['507033', 'BACKEND_OPEN_FAILED', 'it is busy, is being reset or failed', 'Close other programs'],
      ] as const;

      it.each(problems)('says why one of two cannot be used: %s', async (fault, code, reason, advice) => {
        cann.configure({ devices: 2 });
        configureAscend({ devices: 2, memoryBytes: 2 ** 29, faults: `aclrtSetDevice@1=${fault}` });
        const unusable = {
          code,
          reason: expect.stringContaining(reason),
          advice: expect.stringContaining(advice),
        };
        expect(await cann.backend().probe()).toMatchObject({
          usable: true,
          devices: [
            { index: 0, totalMemoryBytes: 2 ** 29 },
            { index: 1, unusable },
          ],
        });
      });

      it.each(problems)('is not usable where none is: %s', async (fault, code, reason, advice) => {
        configureAscend({ faults: `aclrtGetMemInfo#*=${fault}` });
        const report = await cann.backend().probe();
        expect(report).toMatchObject({ usable: false, code, advice: expect.stringContaining(advice) });
        expect('reason' in report && report.reason).toContain(reason);
        expect(JSON.stringify(report)).not.toMatch(/model|session/i);
      });

      it('keeps the others where one crashes', async () => {
        cann.configure({ devices: 2 });
        configureAscend({ devices: 2, memoryBytes: 2 ** 29, faults: 'aclrtSetDevice@0=crash' });
        expect(await cann.backend().probe()).toMatchObject({
          usable: true,
          devices: [
            { index: 0, unusable: { code: 'BACKEND_LOST' } },
            { index: 1, totalMemoryBytes: 2 ** 29 },
          ],
        });
      });
    });

    it('is one of those that the probe counts', async () => {
      cann.configure({ devices: 3 });
      expect(await cann.backend({ device: 2 }).probe()).toMatchObject({
        usable: true,
        devices: [{ index: 0 }, { index: 1 }, { index: 2 }],
      });
      expect((await cann.open({ device: 2 })).device.index).toBe(2);
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
      ...(['base', 'functions', 'version', 'table', 'place'] as const).map(
        (broken): [string, OnnxRuntimeCannConfiguration, CannOnnxOptions, object] => [
          `where the library has a broken ${broken}`,
          { broken },
          {},
          {
            code: 'ONNXRUNTIME_INVALID',
            message: expect.stringContaining('libonnxruntime.so is not an ONNX'),
          },
        ],
      ),
      [
        'where the library is of another time',
        { version: '2.0.0' },
        {},
        { code: 'ONNXRUNTIME_VERSION_UNSUPPORTED', message: expect.stringContaining('only versions 1.x') },
      ],
    ])('is refused %s', async (_when, configuration, options, error) => {
      cann.configure(configuration);
      await expect(cann.open(options)).rejects.toMatchObject(error);
    });

    it('that is busy is told of by the probe without a word of models and sessions', async () => {
      cann.configure({ faults: 'update=507033' });
      const report = await cann.backend().probe();
      expect(report).toMatchObject({
        usable: false,
        code: 'BACKEND_OPEN_FAILED',
        reason: expect.stringMatching(/^CANN could not be asked for its NPUs: .* busy.*507033/),
        advice: expect.stringContaining('Close other programs'),
      });
      expect(JSON.stringify(report)).not.toMatch(/model|session/i);
    });

    it.each<[OnnxRuntimeCannConfiguration, CannOnnxOptions, string]>([
      [{ devices: 0 }, {}, 'CANN_DEVICE_UNAVAILABLE'],
      [{ devices: 2 }, { device: 5 }, 'CANN_DEVICE_UNAVAILABLE'],
      [{ withoutProvider: true }, {}, 'CANN_PROVIDER_MISSING'],
      [{ providerError: 'Failed to load library x.so' }, {}, 'CANN_PROVIDER_FAILED'],
      [{ version: '1.12.0' }, {}, 'ONNXRUNTIME_VERSION_UNSUPPORTED'],
      [{ faults: 'update=crash' }, {}, 'BACKEND_LOST'],
    ])('is not usable, says the probe: %o %o', async (configuration, options, code) => {
      cann.configure(configuration);
      expect(await cann.backend(options).probe()).toMatchObject({
        usable: false,
        code,
        advice: expect.any(String),
      });
    });
  });
});
