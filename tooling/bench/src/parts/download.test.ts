import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { findPythonHubClient } from '../peers/python-hub-client.js';
import { canReadProcessTree } from '../process-tree.js';
import { download } from './download.js';

const sizes = { large: 5_000_000, small: 1_500_000 } as const;

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'download-'));
});

afterEach(() => rm(folder, { recursive: true }));

/** All bytes really go over sockets to the disk; only the figures of so small a file mean nothing. */
describe('download', () => {
  it('measures everyone once a round, without Python, and leaves nothing', async () => {
    const python = findPythonHubClient('/no/such/python');
    const section = await download({ ...sizes, folder }, python, 2, () => {});

    const names = section.rows.map(([name]) => name);
    expect(names).toEqual([
      'webssl',
      'synced write, 1 MiB at a time',
      'synced write, 8 MiB at a time',
      'sha256 from memory, 1 MiB at a time',
      'webssl, 1 connection',
      'undici, one GET, nothing kept',
      'webssl, small model',
    ]);
    for (const name of names) expect(section.samples[`${name}: seconds`]).toHaveLength(2);
    expect(section.notes).toContainEqual(
      expect.stringMatching(/skipped: Python client: .*cannot be started/),
    );
    expect(await readdir(folder)).toEqual(['hub.json']);
  });

  it.skipIf(!canReadProcessTree())(
    'has a figure for every bound (memory needs the /proc of Linux)',
    async () => {
      const python = findPythonHubClient('/no/such/python');
      const { checks } = await download({ ...sizes, folder }, python, 1, () => {});
      expect(checks.map(({ bound }) => bound)).toEqual([{ atLeast: 0.8 }, { atMost: 150 }, { atMost: 150 }]);
      for (const { measured } of checks) expect(measured).toBeGreaterThan(0);
    },
  );
});
