import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { findPythonHubClient } from './python-hub-client.js';

describe('findPythonHubClient', () => {
  it('names a Python that is not there', () => {
    expect(findPythonHubClient('/no/such/python')).toMatchObject({
      id: 'python',
      missing: expect.stringContaining('/no/such/python cannot be started'),
    });
  });

  it.skipIf(process.platform === 'win32')('passes on why a Python cannot be used', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'python-'));
    const python = join(folder, 'python');
    await writeFile(python, `#!/bin/sh\necho "ModuleNotFoundError: No module named 'httpx'" >&2\nexit 1\n`);
    await chmod(python, 0o755);
    expect(findPythonHubClient(python)).toMatchObject({
      missing: `${python}: ModuleNotFoundError: No module named 'httpx'`,
    });
    await rm(folder, { recursive: true });
  });
});
