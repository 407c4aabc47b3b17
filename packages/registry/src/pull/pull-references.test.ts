import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readProcessorConfig } from '../read-processor-config.js';
import { catalogueId, checkpointFiles, id, openCase, pinned } from './testing/pull-case.js';

const files = checkpointFiles();
const newer = { ...files, 'README.md': 'newer' };

async function reference(folder: string): Promise<string | undefined> {
  return readFile(join(folder, 'refs', 'main'), 'utf8').catch(() => undefined);
}

describe('the commit that the catalogue pins', () => {
  it('is noted as main where the hub says so, because Python asks for main', async () => {
    const pulled = await openCase({
      repositories: [{ id: catalogueId, commits: [{ commit: pinned, files }] }],
    });
    await pulled.pull(catalogueId);
    expect(await reference(pulled.repository(catalogueId))).toBe(pinned);
  });

  it('is not noted as main where main has moved on', async () => {
    const pulled = await openCase({
      repositories: [{ id: catalogueId, commits: [{ commit: pinned, files }, { files: newer }] }],
    });
    await pulled.pull(catalogueId);
    expect(await reference(pulled.repository(catalogueId))).toBeUndefined();
  });
});

describe('a branch', () => {
  it('is not moved to a commit of which only the processor config was fetched', async () => {
    const pulled = await openCase({ repositories: [{ id, commits: [{ files }] }] });
    const first = await pulled.pull();
    await rm(join(first.folder, 'preprocessor_config.json'));
    const moved = await openCase({ repositories: [{ id, commits: [{ files }, { files: newer }] }] });
    await readProcessorConfig(id, {
      hubCacheFolder: pulled.cache,
      endpoint: moved.hub.endpoint,
      token: false,
      offline: false,
    });
    expect(await reference(pulled.repository(id))).toBe(first.revision);
    expect(await pulled.pull(id, { offline: true })).toEqual(first);
  });
});
