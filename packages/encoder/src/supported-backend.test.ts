import type { Backend } from '@webssl/backend';
import { cpu } from '@webssl/backend-cpu';
import { goldenCheckpoint } from '@webssl-tooling/fixtures';
import { describe, expect, it } from 'vitest';
import { loadEncoder } from './load-encoder.js';
import { supportedBackend } from './supported-backend.js';

const backend = cpu();
const speaking = (specificationVersion: unknown) => ({ ...backend, specificationVersion }) as Backend;

describe('a backend', () => {
  it('that speaks the contract is used as it is', () => {
    expect(supportedBackend(backend)).toBe(backend);
  });

  it.each(['v2', 'v0', 'v1.1'])('that speaks %s is refused, and who is to be updated is said', (version) => {
    expect(() => supportedBackend(speaking(version), '@webssl/backend-cpu')).toThrow(
      expect.objectContaining({
        code: 'BACKEND_INCOMPATIBLE',
        message: expect.stringMatching(
          new RegExp(`^@webssl/backend-cpu speaks version ${version} .* this encoder version v1`),
        ),
      }),
    );
  });

  it.each([[undefined], [null], [1]])('whose version is %o is none', (version) => {
    expect(() => supportedBackend(speaking(version))).toThrow(
      'The backend "cpu" is no backend of webssl: it has no specificationVersion',
    );
  });

  it('that is refused is not opened', async () => {
    await expect(
      loadEncoder(goldenCheckpoint('vit-tiny-p14'), { device: speaking('v2') }),
    ).rejects.toMatchObject({ code: 'BACKEND_INCOMPATIBLE' });
    await expect(
      loadEncoder(goldenCheckpoint('vit-tiny-p14'), { device: {} as Backend }),
    ).rejects.toMatchObject({ code: 'BACKEND_INCOMPATIBLE' });
  });
});
