import { readdir, readFile, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { linkSnapshotFile } from './link-snapshot-file.js';
import { listRepositories } from './list-repositories.js';
import { missingFiles } from './missing-files.js';
import { prepareRepository } from './prepare-repository.js';
import { presentFile } from './present-file.js';
import { writeReference } from './references.js';
import { removeSnapshot } from './remove-snapshot.js';
import { findSnapshot } from './snapshots.js';
import { pythonObstacle, runPython } from './testing/python-client.js';
import { commit, hubFile, id, otherCommit, sampleCache } from './testing/sample-cache.js';
import { verifySnapshot } from './verify-snapshot.js';

const files: Readonly<Record<string, string>> = {
  'config.json': '{"model_type":"vit"}',
  'preprocessor_config.json': '{}',
  'model.safetensors': 'weights',
  'deep/note.md': '# x',
};
const paths = Object.keys(files);
const skipped = pythonObstacle === undefined ? '' : ` (${pythonObstacle})`;

describe.skipIf(pythonObstacle !== undefined)(`the Python client${skipped}`, () => {
  const sample = sampleCache();

  async function fetchAll(of: string, symlinks: boolean): Promise<void> {
    await prepareRepository(sample.place(), of);
    for (const [path, content] of Object.entries(files)) {
      const file = hubFile(path, content);
      const isNewBlob = (await presentFile(sample.place(), of, file)) === undefined;
      if (isNewBlob) await writeFile(sample.blob(file), content);
      const link = { commit: of, path, digest: file.hash.digest, isNewBlob, symlinks };
      await linkSnapshotFile(sample.place(), link);
    }
  }

  const find = `
import json, sys
from huggingface_hub import hf_hub_download, scan_cache_dir, snapshot_download, try_to_load_from_cache
cache, id, revision, *paths = sys.argv[1:]
report = scan_cache_dir(cache)
print(json.dumps({
  "warnings": [str(warning) for warning in report.warnings],
  "folder": snapshot_download(id, revision=revision, cache_dir=cache, local_files_only=True),
  "downloaded": [open(hf_hub_download(id, path, revision=revision, cache_dir=cache, local_files_only=True)).read() for path in paths],
  "loaded": [open(try_to_load_from_cache(id, path, cache_dir=cache, revision=revision)).read() for path in paths],
  "repositories": {repo.repo_id: {revision.commit_hash: sorted(revision.refs) for revision in repo.revisions} for repo in report.repos},
  "bytes": report.size_on_disk,
}))`;

  it.each([
    ['links', true],
    ['files, where there are no links', false],
  ])('finds what is kept as %s', async (_, symlinks) => {
    await fetchAll(commit, symlinks);
    await writeReference(sample.place(), 'main', commit);
    await writeReference(sample.place(), 'refs/pr/1', commit);
    for (const revision of ['main', 'refs/pr/1', commit]) {
      expect(JSON.parse(await runPython(find, [sample.path(), id, revision, ...paths]))).toEqual({
        warnings: [],
        folder: sample.snapshot(),
        downloaded: Object.values(files),
        loaded: Object.values(files),
        repositories: { [id]: { [commit]: ['main', 'refs/pr/1'] } },
        bytes: Object.values(files).join('').length,
      });
    }
  });

  it('finds what is left when a snapshot was removed', async () => {
    await fetchAll(commit, true);
    await writeReference(sample.place(), 'main', commit);
    await fetchAll(otherCommit, true);
    await writeReference(sample.place(), 'dev', otherCommit);
    await removeSnapshot(sample.place(), commit);
    expect(JSON.parse(await runPython(find, [sample.path(), id, 'dev', ...paths]))).toMatchObject({
      warnings: [],
      repositories: { [id]: { [otherCommit]: ['dev'] } },
    });
    await removeSnapshot(sample.place(), otherCommit);
    const scan =
      'import sys, huggingface_hub as h; r = h.scan_cache_dir(sys.argv[1]); print(len(r.repos), len(r.warnings))';
    expect(await runPython(scan, [sample.path()])).toBe('0 0');
  });

  it('writes the same tag', async () => {
    await prepareRepository(sample.place(), commit);
    const write =
      'import sys, pathlib; from huggingface_hub._local_folder import _create_cachedir_tag; _create_cachedir_tag(pathlib.Path(sys.argv[1]))';
    await runPython(write, [sample.parent()]);
    expect(await readFile(join(sample.path(), 'CACHEDIR.TAG'), 'utf8')).toBe(
      await readFile(join(sample.parent(), 'CACHEDIR.TAG'), 'utf8'),
    );
  });

  describe('fills a cache', () => {
    let hub: Server;
    beforeEach(async () => {
      hub = createServer((request, response) => {
        const path = (request.url ?? '').replace(`/${id}/resolve/main/`, '');
        const content = files[path] ?? '';
        response.setHeader('X-Repo-Commit', commit);
        response.setHeader('ETag', `"${hubFile(path, content).hash.digest}"`);
        response.setHeader('Content-Length', content.length);
        response.end(request.method === 'HEAD' ? undefined : content);
      });
      await new Promise<void>((resolve) => hub.listen(0, '127.0.0.1', resolve));
    });
    afterEach(() => {
      vi.unstubAllEnvs();
      hub.close();
    });

    it.each(['0', '1'])('that is read here, with HF_HUB_DISABLE_SYMLINKS=%s', async (disabled) => {
      vi.stubEnv('HF_ENDPOINT', `http://127.0.0.1:${(hub.address() as AddressInfo).port}`);
      vi.stubEnv('HF_HUB_DISABLE_SYMLINKS', disabled);
      const download = `
import sys
from huggingface_hub import hf_hub_download
cache, id, *paths = sys.argv[1:]
for path in paths: hf_hub_download(id, path, cache_dir=cache)`;
      await runPython(download, [sample.path(), id, ...paths], { offline: false });

      const snapshot = await findSnapshot(sample.path(), id, 'main');
      expect(snapshot).toEqual({ folder: sample.snapshot(), commit });
      expect(await missingFiles(sample.snapshot())).toEqual([]);
      for (const [path, content] of Object.entries(files)) {
        expect((await presentFile(sample.place(), commit, hubFile(path, content)))?.place).toBe('snapshot');
      }
      expect(await listRepositories(sample.path())).toMatchObject([
        {
          id,
          partialBytes: 0,
          snapshots: [{ commit, references: ['main'], bytes: Object.values(files).join('').length }],
        },
      ]);
      const state = disabled === '1' ? 'unknown' : 'good';
      const results = await verifySnapshot({ folder: sample.snapshot(), commit });
      expect(results.map((result) => [result.path, result.state])).toEqual(
        [...paths].sort().map((path) => [path, state]),
      );
      await removeSnapshot(sample.place(), commit);
      expect(await readdir(sample.path())).toEqual(['.locks', 'CACHEDIR.TAG']);
    });
  });
});
