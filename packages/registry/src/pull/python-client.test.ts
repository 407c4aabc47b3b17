import { execFileSync } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { goldenCheckpoint } from '@webssl-tooling/fixtures';
import { describe, expect, it, vi } from 'vitest';
import { python, pythonObstacle, runPython } from '../cache/testing/python-client.js';
import { openCheckpoint } from '../open-checkpoint.js';
import { catalogueId, checkpointFiles, openCase, type PullCase, pinned } from './testing/pull-case.js';

const files = checkpointFiles();
const sharded = checkpointFiles('vit-tiny-sharded');
const shardedId = 'some-org/sharded';
const hub = {
  repositories: [
    { id: catalogueId, commits: [{ commit: pinned, files: { ...files, 'pytorch_model.bin': 'a pickle' } }] },
    { id: shardedId, commits: [{ references: ['main', 'release/1'], files: sharded }] },
  ],
};

function hasTransformers(): boolean {
  try {
    execFileSync(python, ['-c', 'import transformers'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

const skipped = pythonObstacle === undefined ? '' : ` (${pythonObstacle})`;

describe.skipIf(pythonObstacle !== undefined)(`the Python client${skipped}`, () => {
  it('finds offline what was pulled: files, the whole selection, and no fault in the cache', async () => {
    const pulled = await openCase(hub);
    const model = await pulled.pull(catalogueId);
    const other = await pulled.pull(shardedId, { revision: 'release/1' });
    const program = `
import json, sys
from huggingface_hub import hf_hub_download, scan_cache_dir, snapshot_download
cache, id, commit, other = sys.argv[1:]
patterns = ["config.json", "preprocessor_config.json", "*.safetensors", "*.safetensors.index.json"]
kept = dict(cache_dir=cache, local_files_only=True)
report = scan_cache_dir(cache)
print(json.dumps({
  "file": hf_hub_download(id, "model.safetensors", revision=commit, **kept),
  "unnamed": hf_hub_download(id, "model.safetensors", **kept),
  "snapshot": snapshot_download(id, revision=commit, allow_patterns=patterns, **kept),
  "other": snapshot_download(other, revision="release/1", allow_patterns=patterns, **kept),
  "warnings": [str(warning) for warning in report.warnings],
  "revisions": {repo.repo_id: {found.commit_hash: sorted(found.refs) for found in repo.revisions} for repo in report.repos},
  "bytes": {repo.repo_id: repo.size_on_disk for repo in report.repos},
}))`;
    const lengths = async (id: string, names: readonly string[]) => {
      const all = await Promise.all(names.map((name) => pulled.hub.describe(id, name)));
      return all.reduce((sum, { bytes }) => sum + bytes, 0);
    };
    const output = await runPython(program, [pulled.cache, catalogueId, pinned, shardedId]);
    expect(JSON.parse(output)).toEqual({
      file: join(model.folder, 'model.safetensors'),
      unnamed: join(model.folder, 'model.safetensors'),
      snapshot: model.folder,
      other: other.folder,
      warnings: [],
      revisions: {
        [catalogueId]: { [pinned]: ['main'] },
        [shardedId]: { [other.revision ?? '']: ['release/1'] },
      },
      bytes: {
        [catalogueId]: await lengths(catalogueId, Object.keys(files)),
        [shardedId]: await lengths(shardedId, Object.keys(sharded)),
      },
    });
  });

  it.each([
    ['links', '0'],
    ['files, on systems without links', '1'],
  ])('downloads from the hub what is opened here with no request, as %s', async (_name, disabled) => {
    const pulled = await openCase(hub);
    await downloadWithPython(pulled, disabled);
    vi.stubEnv('HF_HUB_DISABLE_SYMLINKS', disabled);
    pulled.hub.reset();
    expect((await openCheckpoint(catalogueId, pulled.options())).revision).toBe(pinned);
    expect((await openCheckpoint(shardedId, pulled.options())).config.layers).toBeGreaterThan(0);
    await pulled.pull(catalogueId);
    expect(pulled.hub.requests).toEqual([]);
    // A branch is asked for, and nothing of it fetched.
    await pulled.pull(shardedId);
    expect(pulled.requestedFiles()).toEqual([]);
  });

  it('goes on where this client was stopped, and the other way round', async () => {
    const pulled = await openCase(hub);
    const stop = new AbortController();
    const onPull = ({ kind }: { kind: string }) => kind === 'verified' && stop.abort('enough');
    await expect(pulled.pull(catalogueId, { signal: stop.signal, onPull })).rejects.toBe('enough');
    await downloadWithPython(pulled, '0');
    pulled.hub.reset();
    const { folder } = await pulled.pull(catalogueId);
    expect(pulled.hub.requests).toEqual([]);
    expect((await readFile(join(folder, 'config.json'))).equals(await golden('config.json'))).toBe(true);
  });

  it.skipIf(pythonObstacle !== undefined || !hasTransformers())(
    `with transformers loads config and processor offline${hasTransformers() ? '' : ` (skipped: ${python} has no transformers)`}`,
    async () => {
      const pulled = await openCase(hub);
      await pulled.pull(catalogueId);
      const program = `
import os, sys
os.environ["HF_HUB_CACHE"] = sys.argv[1]
os.environ["TRANSFORMERS_VERBOSITY"] = "error"
from transformers import AutoConfig, AutoImageProcessor
place = dict(revision=sys.argv[3], local_files_only=True)
config = AutoConfig.from_pretrained(sys.argv[2], **place)
processor = AutoImageProcessor.from_pretrained(sys.argv[2], **place)
print(config.model_type, type(processor).__name__)`;
      const output = await runPython(program, [pulled.cache, catalogueId, pinned]);
      const { model_type: type } = JSON.parse((await golden('config.json')).toString());
      expect(output).toMatch(new RegExp(`^${type} \\w*ImageProcessor`));
    },
  );
});

const golden = (path: string) => readFile(join(goldenCheckpoint('vit-tiny-p14'), path));

async function downloadWithPython({ cache, hub: { endpoint } }: PullCase, disabled: string): Promise<void> {
  vi.stubEnv('HF_ENDPOINT', endpoint);
  vi.stubEnv('HF_HUB_DISABLE_SYMLINKS', disabled);
  vi.stubEnv('HF_HUB_DISABLE_XET', '1');
  const program = `
import sys
from huggingface_hub import snapshot_download
cache, id, commit, other = sys.argv[1:]
snapshot_download(id, revision=commit, cache_dir=cache, ignore_patterns="*.bin")
snapshot_download(other, cache_dir=cache)`;
  await runPython(program, [cache, catalogueId, pinned, shardedId], { offline: false });
  vi.stubEnv('HF_ENDPOINT', undefined);
}
