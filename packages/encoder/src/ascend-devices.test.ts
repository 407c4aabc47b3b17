import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { buildAscendSimulator, type SimulatorConfiguration } from '@webssl-tooling/ascend-simulator';
import { goldenCheckpoint, goldenImage } from '@webssl-tooling/fixtures';
import { afterAll, afterEach, describe, expect, it, vi } from 'vitest';
import { loadEncoder } from './load-encoder.js';

const built = buildAscendSimulator();
const why = 'missing' in built ? ` (not here: ${built.missing})` : '';
const tiny = goldenCheckpoint('vit-tiny-p14');

describe.skipIf('missing' in built)(`two simulated NPUs, not all of which can be used${why}`, () => {
  const folder = mkdtempSync(join(tmpdir(), 'webssl-ascend-devices-'));

  function load(device: string, configuration: SimulatorConfiguration) {
    if ('missing' in built) throw new Error(built.missing);
    const { library, compiler, environment } = built.simulator;
    const variables = {
      ...environment({ devices: 2, ...configuration }),
      ACL_LIB: library,
      PATH: `${dirname(compiler)}:/usr/bin:/bin`,
      WEBSSL_CACHE: join(folder, 'cache'),
    };
    for (const [name, value] of Object.entries(variables)) vi.stubEnv(name, value);
    return loadEncoder(tiny, { device, features: ['cls'] });
  }

  afterEach(() => vi.unstubAllEnvs());
  afterAll(() => rmSync(folder, { recursive: true }));

  it.each([
    ['npu', 'aclrtSetDevice#*=207006', /acl-native: No device can be used\..*RT_NO_PERMISSION.*HwHiAiUser/],
    ['npu@1', 'aclrtSetDevice#*=507033', /acl-native: No device can be used\..*busy.*Close other programs/],
    ['npu@1', 'aclrtSetDevice@1=207006', /acl-native: Device 1: .*RT_NO_PERMISSION.*HwHiAiUser/],
    ['npu@2', '', /acl-native: There is no device 2, only 0, 1\./],
  ])('%s does not take acl-native with %s, and says why', async (device, faults, message) => {
    await expect(load(device, { faults })).rejects.toMatchObject({
      code: 'DEVICE_UNAVAILABLE',
      message: expect.stringMatching(message),
    });
  });

  it.each([
    ['npu', 1],
    ['npu@1', 1],
  ])('%s is the device that can be used', async (device, index) => {
    const encoder = await load(device, { faults: 'aclrtSetDevice@0=507033' });
    expect(encoder.info.devices).toMatchObject([{ backend: 'acl-native', index }]);
    expect((await encoder.encode(goldenImage('china.jpg'))).cls.dims).toEqual([64]);
    await encoder.close();
  });

  it('a pool of which one device cannot be opened is an error that names it', async () => {
    await expect(load('acl-native@0,1', { faults: 'aclrtSetDevice@1=207006' })).rejects.toMatchObject({
      code: 'BACKEND_OPEN_FAILED',
      message: expect.stringMatching(/^acl-native@1: aclrtSetDevice failed with 207006/),
      details: { backend: 'acl-native', device: 1, ascendCode: 207_006 },
    });
  });
});
