import { fixtureModel } from '@webssl/backend/testkit';
import { aclNative } from '@webssl/backend-acl-native';
import { afterEach, describe, expect, it } from 'vitest';
import { platformProblem } from './supported-platform.js';

describe('Ascend NPUs are driven', () => {
  it.each(['x64', 'arm64'])('on Linux, %s', (architecture) => {
    expect(platformProblem('linux', architecture)).toBeUndefined();
  });

  it.each([
    ['win32', 'x64'],
    ['darwin', 'arm64'],
    ['linux', 'riscv64'],
  ])('not on %s, %s', (platform, architecture) => {
    expect(platformProblem(platform, architecture)).toMatchObject({
      code: 'BACKEND_LIBRARY_MISSING',
      message: expect.stringContaining(
        `Ascend NPUs are driven on Linux only (x64 and arm64), not on ${platform} (${architecture}). Run`,
      ),
      details: { problem: 'platform', platform, architecture },
    });
  });
});

describe('on another platform', () => {
  const actual = process.platform;
  afterEach(() => {
    Object.defineProperty(process, 'platform', { value: actual });
  });

  it('the probe and open say so and start no child', async () => {
    Object.defineProperty(process, 'platform', { value: 'win32' });
    const backend = aclNative({ workerEntry: new URL('file:///none/there.js') });
    expect(await backend.probe()).toEqual({
      usable: false,
      code: 'BACKEND_LIBRARY_MISSING',
      reason: expect.stringMatching(/^Ascend NPUs are driven on Linux only .*\.$/),
      advice: expect.stringContaining('another backend'),
    });
    const options = { size: { height: 12, width: 12 }, outputs: ['last_hidden_state'] } as const;
    await expect(backend.open(fixtureModel(), options)).rejects.toMatchObject({
      code: 'BACKEND_LIBRARY_MISSING',
      message: expect.stringContaining('on Linux only'),
    });
  });
});
