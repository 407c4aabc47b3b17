import { execFile, spawnSync } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { promisify } from 'node:util';
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { generatedBytes } from './generated-bytes.js';
import type { HubDouble } from './hub-double.js';
import { id, openHub } from './testing.js';

/** Set WEBSSL_PYTHON to a Python that has huggingface_hub, else `python3` of the PATH is tried. */
const python = process.env['WEBSSL_PYTHON'] ?? 'python3';
const found = spawnSync(python, ['-c', 'import huggingface_hub; print(huggingface_hub.__version__)']);
const isMissing = found.status !== 0;
const title = isMissing
  ? `the Python client (skipped: ${python} has no huggingface_hub; set WEBSSL_PYTHON)`
  : `the Python client, huggingface_hub ${found.stdout.toString().trim()}`;

const bytes = 25_000_000;
const token = 'hf_reader';

describe.skipIf(isMissing)(title, () => {
  let hub: HubDouble;
  let home: string;

  beforeEach(async () => {
    home = await mkdtemp(join(tmpdir(), 'hub-double-'));
    onTestFinished(() => rm(home, { recursive: true }));
  });

  async function open(options: Partial<Parameters<typeof openHub>[0]> = {}): Promise<void> {
    const files = {
      'config.json': '{"model_type":"vit"}',
      'sub/notes with space.txt': 'notes',
      'model.safetensors': { bytes, seed: 4 },
    };
    hub = await openHub({
      repositories: [
        { id, license: 'cc-by-nc-4.0', commits: [{ references: ['main', 'release/1'], files }] },
        { id: 'owner/gated', gated: 'auto', readers: [token], commits: [{ files: { 'a.txt': 'gated' } }] },
      ],
      ...options,
    });
  }

  /** Runs the statement; what it prints last is returned. */
  async function run(statement: string, environment: Record<string, string> = {}): Promise<string> {
    const kept = Object.entries(process.env).filter(([name]) => !/^(HF_|HUGGING|XDG_|.*_proxy$)/i.test(name));
    const { stdout } = await promisify(execFile)(
      python,
      ['-c', `from huggingface_hub import *\nfrom huggingface_hub.errors import *\n${statement}`],
      {
        env: {
          ...Object.fromEntries(kept),
          HF_ENDPOINT: hub.endpoint,
          HF_HOME: home,
          HF_HUB_DISABLE_XET: '1',
          HF_HUB_DISABLE_PROGRESS_BARS: '1',
          ...environment,
        },
      },
    );
    return stdout.trim().split('\n').at(-1) ?? '';
  }

  /** The name of the error that the statement raises. */
  const error = (statement: string) =>
    run(`try:\n  ${statement}\nexcept Exception as error:\n  print(type(error).__name__)`);

  it('downloads one small and one large file', async () => {
    await open();
    const config = await run(`print(hf_hub_download("${id}", "config.json"))`);
    expect(await readFile(config, 'utf8')).toBe('{"model_type":"vit"}');
    const model = await run(`print(hf_hub_download("${id}", "model.safetensors", token="${token}"))`);
    expect((await readFile(model)).equals(generatedBytes(4, 0, bytes))).toBe(true);
    const cdnRequests = hub.requests.filter(({ host }) => host === 'cdn');
    expect(cdnRequests.length).toBe(1);
    expect(cdnRequests[0]?.authorization).toBeUndefined();
    const { commit, etag } = await hub.describe(id, 'model.safetensors');
    expect(model).toBe(join(home, 'hub', 'models--owner--model', 'snapshots', commit, 'model.safetensors'));
    expect((await readFile(join(home, 'hub', 'models--owner--model', 'blobs', etag))).length).toBe(bytes);
  });

  it('downloads a snapshot of a tag whose name has a slash, over several pages', async () => {
    await open({ pageSize: 2 });
    const folder = await run(`print(snapshot_download("${id}", revision="release/1"))`);
    expect(await readFile(join(folder, 'sub', 'notes with space.txt'), 'utf8')).toBe('notes');
    expect((await readFile(join(folder, 'model.safetensors'))).equals(generatedBytes(4, 0, bytes))).toBe(
      true,
    );
    expect(hub.requests.some(({ path }) => path.includes('cursor='))).toBe(true);
    const offline = await run(`print(snapshot_download("${id}", revision="release/1"))`, {
      HF_HUB_OFFLINE: '1',
    });
    expect(offline).toBe(folder);
  });

  it('follows the redirect of small files and renamed repositories', async () => {
    await open({ smallFiles: 'resolve-cache', renamed: { 'old/name': id }, xet: true });
    const file = await run('print(hf_hub_download("old/name", "config.json"))');
    expect(await readFile(file, 'utf8')).toBe('{"model_type":"vit"}');
  });

  it('understands what is listed', async () => {
    await open({ xet: true });
    const { commit, etag } = await hub.describe(id, 'model.safetensors');
    const info = await run(
      `info = model_info("${id}", files_metadata=True)\nprint(info.sha, info.card_data.license, info.gated, info.siblings[2].lfs.sha256)`,
    );
    expect(info).toBe(`${commit} cc-by-nc-4.0 False ${etag}`);
    const paths = await run(
      `print([(type(entry).__name__, entry.path) for entry in HfApi().get_paths_info("${id}", ["sub", "config.json", "none"], expand=True)])`,
    );
    expect(paths).toBe("[('RepoFolder', 'sub'), ('RepoFile', 'config.json')]");
  });

  it('raises the errors that it has for each refusal', async () => {
    await open();
    expect(await error('hf_hub_download("no/such", "a")')).toBe('RepositoryNotFoundError');
    expect(await error(`hf_hub_download("no/such", "a", token="${token}")`)).toBe('RepositoryNotFoundError');
    expect(await error(`hf_hub_download("${id}", "none")`)).toBe('RemoteEntryNotFoundError');
    expect(await error(`hf_hub_download("${id}", "config.json", revision="none")`)).toBe(
      'RevisionNotFoundError',
    );
    expect(await error('hf_hub_download("owner/gated", "a.txt")')).toBe('GatedRepoError');
    expect(await error('hf_hub_download("owner/gated", "a.txt", token="hf_stranger")')).toBe(
      'GatedRepoError',
    );
    const file = await run(`print(hf_hub_download("owner/gated", "a.txt", token="${token}"))`);
    expect(await readFile(file, 'utf8')).toBe('gated');
  });

  it('resumes after a dropped connection', async () => {
    await open({ faults: [{ on: 'cdn', fault: { kind: 'drop', afterBytes: 15_000_000 } }] });
    const model = await run(`print(hf_hub_download("${id}", "model.safetensors"))`);
    expect((await readFile(model)).equals(generatedBytes(4, 0, bytes))).toBe(true);
    expect(hub.requests.filter(({ host }) => host === 'cdn')).toMatchObject([
      { range: undefined, bodyBytes: 15_000_000, fault: { kind: 'drop' } },
      { range: expect.stringMatching(/^bytes=\d+-$/), status: 206 },
    ]);
  });
});
