import { randomBytes } from 'node:crypto';
import { mkdir, readdir, readFile, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type HubCacheServer, type ServedRequest, serveHubCache } from './serve-hub-cache.js';
import { gitBlobId, makeCache, sha256, writeRepository } from './testing/cache-on-disk.js';
import { pythonHas, runPython } from './testing/python-client.js';

const commit = '1'.repeat(40);
const config = '{"model_type":"dinov2","hidden_size":48}';
const shards = [randomBytes(12_000_000), randomBytes(300_000)] as const;
const hasClient = await pythonHas('huggingface_hub');
const hasTransformers = hasClient && (await pythonHas('transformers'));

let cache = '';
let server: HubCacheServer;
let homes = 0;
const served: ServedRequest[] = [];

beforeAll(async () => {
  cache = await makeCache();
  await writeRepository(cache, {
    id: 'org/sharded',
    commit,
    references: ['main', 'v1'],
    files: {
      'config.json': config,
      'model.safetensors.index.json': '{"weight_map":{}}',
      'model-00001-of-00002.safetensors': { content: shards[0], kind: 'large' },
      'model-00002-of-00002.safetensors': { content: shards[1], kind: 'shared' },
      'deep/er/notes (1).txt': { content: 'a copy', kind: 'copy' },
      'pytorch_model.bin': 'a pickle',
    },
  });
  await writeRepository(cache, { id: 'org/pinned', commit, files: { 'config.json': config } });
  server = await serveHubCache({ hubCacheFolder: cache, onRequest: (entry) => served.push(entry) });
});
afterAll(async () => {
  await server.close();
  await rm(dirname(cache), { recursive: true });
});

async function python(
  program: string,
  { endpoint = server.endpoint, token }: { endpoint?: string; token?: string } = {},
) {
  homes += 1;
  const home = join(dirname(cache), `home-${homes}`);
  await mkdir(home);
  const result = await runPython(`import json, huggingface_hub as hub\n${program}`, {
    endpoint,
    home,
    ...(token !== undefined && { token }),
  });
  return { result, home };
}

describe.skipIf(!hasClient)("the Python client (huggingface_hub; skipped where it isn't installed)", () => {
  it('downloads a snapshot, keeps it under its hashes and finds it again offline', async () => {
    const { result, home } = await python(`
path = hub.snapshot_download("org/sharded")
assert hub.snapshot_download("org/sharded", local_files_only=True) == path
assert hub.hf_hub_download("org/sharded", "config.json", local_files_only=True)
print(json.dumps(path))`);
    const folder = String(result);
    expect(folder.endsWith(`models--org--sharded/snapshots/${commit}`)).toBe(true);
    const read = (path: string) => readFile(join(folder, path));
    expect((await read('model-00001-of-00002.safetensors')).equals(shards[0])).toBe(true);
    expect((await read('model-00002-of-00002.safetensors')).equals(shards[1])).toBe(true);
    expect((await read('deep/er/notes (1).txt')).toString()).toBe('a copy');
    expect((await readdir(folder)).sort()).toEqual([
      'config.json',
      'deep',
      'model-00001-of-00002.safetensors',
      'model-00002-of-00002.safetensors',
      'model.safetensors.index.json',
    ]);
    expect(await readdir(join(home, 'hub', 'models--org--sharded', 'blobs'))).toEqual(
      expect.arrayContaining([gitBlobId(config), sha256(shards[0]), sha256(shards[1])]),
    );
  });

  it('downloads single files of a tag and of a commit, and the rest of a file begun', async () => {
    served.length = 0;
    const { result } = await python(`
import io
from huggingface_hub.file_download import http_get
by_tag = hub.hf_hub_download("org/sharded", "config.json", revision="v1")
by_commit = hub.hf_hub_download("org/sharded", "notes (1).txt", subfolder="deep/er", revision="${commit}")
rest = io.BytesIO(b"x" * 299000)
rest.seek(299000)
http_get(hub.hf_hub_url("org/sharded", "model-00002-of-00002.safetensors"), rest, resume_size=299000, expected_size=300000)
print(json.dumps([open(by_tag).read(), open(by_commit).read(), rest.getvalue()[299000:].hex()]))`);
    expect(result).toEqual([config, 'a copy', shards[1].subarray(299_000).toString('hex')]);
    expect(served.filter(({ status }) => status === 206).map(({ bytes }) => bytes)).toEqual([1000]);
  });

  it('lists files, folders, models and metadata', async () => {
    const { result } = await python(`
api = hub.HfApi()
info = api.model_info("org/sharded", files_metadata=True)
weights = next(file for file in info.siblings if file.rfilename.startswith("model-00001"))
paths = api.get_paths_info("org/sharded", ["config.json", "deep", "nothing"])
print(json.dumps({
  "files": api.list_repo_files("org/sharded"),
  "sha": info.sha, "private": info.private, "gated": info.gated,
  "weights": [weights.size, weights.lfs.sha256],
  "tree": [entry.path for entry in api.list_repo_tree("org/sharded", "deep/er")],
  "paths": [[type(entry).__name__, entry.path] for entry in paths],
  "models": [model.id for model in api.list_models(search="org/")],
  "exists": [api.file_exists("org/sharded", "config.json"), api.file_exists("org/sharded", "pytorch_model.bin"), api.repo_exists("org/no"), api.revision_exists("org/sharded", "no")],
}))`);
    expect(result).toEqual({
      files: [
        'config.json',
        'deep/er/notes (1).txt',
        'model-00001-of-00002.safetensors',
        'model-00002-of-00002.safetensors',
        'model.safetensors.index.json',
      ],
      sha: commit,
      private: false,
      gated: false,
      weights: [shards[0].length, sha256(shards[0])],
      tree: ['deep/er/notes (1).txt'],
      paths: [
        ['RepoFolder', 'deep'],
        ['RepoFile', 'config.json'],
      ],
      models: ['org/pinned', 'org/sharded'],
      exists: [true, false, false, false],
    });
  });

  it('gets its own exceptions for what is missing, and notes no file as missing from the commit', async () => {
    const { result, home } = await python(`
def name(call):
  try: call()
  except Exception as error: return type(error).__name__
print(json.dumps([
  name(lambda: hub.hf_hub_download("org/sharded", "pytorch_model.bin")),
  name(lambda: hub.hf_hub_download("org/sharded", "config.json", revision="v2")),
  name(lambda: hub.hf_hub_download("org/nothing", "config.json")),
  name(lambda: hub.snapshot_download("org/sharded", revision="v2")),
]))`);
    expect(result).toEqual([
      'RemoteEntryNotFoundError',
      'RevisionNotFoundError',
      'RepositoryNotFoundError',
      'RevisionNotFoundError',
    ]);
    const cached = await readdir(join(home, 'hub', 'models--org--sharded')).catch(() => []);
    expect(cached).not.toContain('.no_exist');
  });

  it('gets the only commit of a repository without references as main', async () => {
    const { result } = await python('print(json.dumps(hub.snapshot_download("org/pinned")))');
    expect(await readFile(join(String(result), 'config.json'), 'utf8')).toBe(config);
  });

  it('gets in with the token, and is told so without', async () => {
    const guarded = await serveHubCache({ hubCacheFolder: cache, token: 'hf_right' });
    const program = `
try: print(json.dumps(open(hub.hf_hub_download("org/pinned", "config.json")).read()))
except Exception as error: print(json.dumps([type(error).__name__, str(getattr(getattr(error, "__cause__", error), "response", None) or error)]))`;
    const { endpoint } = guarded;
    try {
      expect((await python(program, { endpoint, token: 'hf_right' })).result).toBe(config);
      expect(JSON.stringify((await python(program, { endpoint, token: 'hf_wrong' })).result)).toContain(
        '401',
      );
      expect(JSON.stringify((await python(program, { endpoint })).result)).toMatch(/401|RepositoryNotFound/);
    } finally {
      await guarded.close();
    }
  });

  it.skipIf(!hasTransformers)(
    'configures a model of transformers (skipped where it is not installed)',
    async () => {
      const { result } = await python(`
from transformers import AutoConfig
config = AutoConfig.from_pretrained("org/sharded")
print(json.dumps([type(config).__name__, config.hidden_size]))`);
      expect(result).toEqual(['Dinov2Config', 48]);
    },
  );
});
