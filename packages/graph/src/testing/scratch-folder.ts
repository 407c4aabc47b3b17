import { mkdir, mkdtemp, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll } from 'vitest';

/** Folders of the test file's own, removed after its tests. */
export function scratchFolder(): { readonly create: (name: string) => Promise<string> } {
  let root = '';
  beforeAll(async () => {
    root = await realpath(await mkdtemp(join(tmpdir(), 'webssl-graph-')));
  });
  afterAll(() => rm(root, { recursive: true, force: true }));
  return {
    create: async (name) => {
      const folder = join(root, name);
      await mkdir(folder, { recursive: true });
      return folder;
    },
  };
}
