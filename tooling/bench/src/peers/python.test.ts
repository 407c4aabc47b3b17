import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openCheckpoint } from '@webssl/registry';
import { goldenCheckpoint } from '@webssl-tooling/fixtures';
import { describe, expect, it } from 'vitest';
import { countOperations } from '../floating-point-operations.js';
import type { Subject } from '../subject.js';
import { findPythonPeer } from './python.js';

async function anySubject(): Promise<Subject> {
  const folder = goldenCheckpoint('vit-tiny-p14');
  const checkpoint = await openCheckpoint(folder);
  const size = { height: 224, width: 224 };
  return {
    ...{ model: folder, checkpoint, weightBytes: 1, threads: 1, bounded: false },
    ...{ photograph: 'photo.jpg', pixels: 'pixels.f32', folder, size },
    operations: countOperations(checkpoint.config, size),
  };
}

describe('findPythonPeer', () => {
  it('names a Python that is not there', async () => {
    expect(findPythonPeer('/no/such/python', await anySubject())).toMatchObject({
      id: 'python',
      missing: expect.stringContaining('/no/such/python cannot be started'),
    });
  });

  it.skipIf(process.platform === 'win32')('passes on why a Python cannot be used', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'python-'));
    const python = join(folder, 'python');
    await writeFile(python, `#!/bin/sh\necho "ModuleNotFoundError: No module named 'torch'" >&2\nexit 1\n`);
    await chmod(python, 0o755);
    expect(findPythonPeer(python, await anySubject())).toMatchObject({
      missing: `${python}: ModuleNotFoundError: No module named 'torch'`,
    });
    await rm(folder, { recursive: true });
  });
});
