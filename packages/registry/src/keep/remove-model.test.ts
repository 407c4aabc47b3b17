import { existsSync } from 'node:fs';
import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import {
  checkpointFiles,
  hubOf,
  id,
  modelOf,
  oneTry,
  openCase,
  type PullCase,
} from '../pull/testing/pull-case.js';
import { pullProcesses } from '../pull/testing/pull-process.js';
import { failureOf, refusalOf } from '../testing/refusal.js';
import { removeModel } from './remove-model.js';

const files = checkpointFiles();
const commits = [
  { references: ['old'], files },
  { references: ['main'], files: { ...files, 'config.json': '{"newer":true}' } },
];
const processes = pullProcesses();

/** A branch's note holds its commit, and goes as well. */
const noteBytes = 40;

const remove = (pulled: PullCase, revision?: string) =>
  removeModel(id, { hubCacheFolder: pulled.cache, ...(revision === undefined ? {} : { revision }) });

const bytesOf = async (pulled: PullCase, paths: readonly string[], revision = 'main') => {
  const all = await Promise.all(paths.map((path) => pulled.hub.describe(id, path, revision)));
  return all.reduce((sum, { bytes }) => sum + bytes, 0);
};

/** A drop that is not borne leaves a part. */
async function leavePart(pulled: PullCase): Promise<void> {
  pulled.hub.setFaults([{ on: 'cdn', fault: { kind: 'drop', afterBytes: 500_000 } }]);
  await failureOf(pulled.pull(id, { retry: oneTry }));
  pulled.hub.setFaults([]);
}

describe('removeModel', () => {
  it('removes all of a model, and leaves nothing but the cache', async () => {
    const pulled = await openCase({ repositories: [{ id, commits }] });
    await pulled.pull();
    await pulled.pull(id, { revision: 'old' });
    const freedBytes =
      (await bytesOf(pulled, Object.keys(files))) +
      (await bytesOf(pulled, ['config.json'], 'old')) +
      2 * noteBytes;
    expect(await remove(pulled)).toEqual({ id, revision: undefined, freedBytes });
    expect(existsSync(pulled.repository())).toBe(false);
    expect((await pulled.tree()).filter((path) => path.includes('models--'))).toEqual([]);
    expect((await refusalOf(remove(pulled))).code).toBe('MODEL_NOT_ON_DISK');
  });

  it('of one revision leaves what another one uses', async () => {
    const pulled = await openCase({ repositories: [{ id, commits }] });
    const kept = await pulled.pull();
    const { revision } = await pulled.pull(id, { revision: 'old' });
    const freedBytes = (await bytesOf(pulled, ['config.json'], 'old')) + noteBytes;
    expect(await remove(pulled, 'old')).toEqual({ id, revision, freedBytes });
    expect(await readdir(join(pulled.repository(), 'refs'))).toEqual(['main']);
    expect(await readdir(join(pulled.repository(), 'snapshots'))).toEqual([kept.revision]);
    expect(await readFile(join(kept.folder, 'config.json'), 'utf8')).toBe('{"newer":true}');
    expect((await stat(join(kept.folder, 'model.safetensors'))).size).toBe(kept.bytes);
    pulled.hub.reset();
    expect(await pulled.pull(id, { offline: true })).toEqual(kept);
  });

  it('removes what an unfinished download has left, and tells how much that was', async () => {
    const pulled = await openCase(hubOf(modelOf(3_000_000)));
    await leavePart(pulled);
    const { etag } = await pulled.hub.describe(id, 'model.safetensors');
    const part = join(pulled.repository(), 'blobs', `${etag}.webssl.incomplete`);
    const left = (await stat(part)).size;
    const { freedBytes } = await remove(pulled);
    expect(freedBytes).toBeGreaterThanOrEqual(left);
    expect(existsSync(pulled.repository())).toBe(false);
  });

  it('may name the commit, of a download that has not ended too', async () => {
    const pulled = await openCase(hubOf(modelOf(3_000_000)));
    await leavePart(pulled);
    const { commit } = await pulled.hub.describe(id, 'config.json');
    expect((await remove(pulled, commit)).revision).toBe(commit);
    expect(existsSync(pulled.repository())).toBe(false);
  });

  it('leaves other models alone', async () => {
    const other = { id: 'other/model', commits: [{ files }] };
    const pulled = await openCase({ repositories: [{ id, commits }, other] });
    await pulled.pull();
    const kept = await pulled.pull('other/model');
    await remove(pulled);
    expect(await pulled.pull('other/model', { offline: true })).toEqual(kept);
  });

  it('refuses while another process fetches it, and changes nothing', async () => {
    const pulled = await openCase(hubOf(modelOf(20_000_000), { bytesPerSecond: 5_000_000 }));
    const child = processes.start(id, pulled.options());
    await child.until((event) => event.kind === 'progress' && event.presentBytes > 1_000_000);
    for (const revision of [undefined, (await pulled.hub.describe(id, 'config.json')).commit]) {
      const error = await refusalOf(remove(pulled, revision));
      expect(error.code).toBe('CACHE_BUSY');
      expect(error.message).toContain(id);
    }
    expect(await child.outcome).toMatchObject({ kind: 'done' });
    expect((await remove(pulled)).freedBytes).toBe(20_000_004 + noteBytes);
  });

  it('says when a revision is not there, or a name is none', async () => {
    const pulled = await openCase({ repositories: [{ id, commits }] });
    await pulled.pull();
    expect((await refusalOf(remove(pulled, 'v2'))).code).toBe('MODEL_NOT_ON_DISK');
    expect((await refusalOf(remove(pulled, '../main'))).code).toBe('MODEL_REVISION_INVALID');
    const options = { hubCacheFolder: pulled.cache };
    expect((await refusalOf(removeModel('../none', options))).code).toBe('MODEL_UNKNOWN');
    for (const folder of ['../..', pulled.cache]) {
      const { code, message } = await refusalOf(removeModel(folder, options));
      expect(code).toBe('MODEL_NOT_ON_DISK');
      expect(message).toContain(`${folder} is a folder of yours`);
    }
    expect(await pulled.visible()).toHaveLength(3);
  });
});
