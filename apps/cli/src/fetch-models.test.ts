import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { readdir, readFile, realpath, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { goldenCheckpoint, goldenImage } from '@webssl-tooling/fixtures';
import { type HubDouble, startHubDouble } from '@webssl-tooling/hub-double';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { command, webssl } from './testing/run-command.js';
import { temporaryFolder } from './testing/temporary-folder.js';

const model = 'facebook/webssl-mae700m-full2b-224';
const pinned = 'c32be382e757d73a178de1ead62c27391d4b4280';
const tinyFiles = Object.fromEntries(
  ['config.json', 'preprocessor_config.json', 'model.safetensors'].map((name) => [
    name,
    readFileSync(join(goldenCheckpoint('vit-tiny-p14'), name)),
  ]),
);

const folder = temporaryFolder();
let hub: HubDouble;
let cache = '';
let caches = 0;

beforeAll(async () => {
  hub = await startHubDouble({
    repositories: [
      {
        id: model,
        license: 'cc-by-nc-4.0',
        commits: [{ commit: pinned, references: ['main'], files: { ...tinyFiles, 'model.bin': 'pickle' } }],
      },
      { id: 'some-org/gated', gated: 'auto', readers: ['hf_secret'], commits: [{ files: tinyFiles }] },
    ],
  });
});
beforeEach(() => {
  hub.reset();
  cache = join(folder, `cache-${caches++}`);
});
afterAll(() => hub.close());

function run(...parameters: string[]) {
  return webssl(parameters, { cwd: folder, environment: environment() });
}

function environment(): NodeJS.ProcessEnv {
  return {
    HF_HUB_OFFLINE: '0',
    HF_ENDPOINT: hub.endpoint,
    HF_HUB_CACHE: cache,
    HF_TOKEN_PATH: join(folder, 'no-token'),
    WEBSSL_CACHE: join(folder, 'webssl-cache'),
  };
}

describe('webssl models pull', () => {
  it('fetches a model, names its licence first, and tells where it is', async () => {
    const { code, stdout, stderr } = await run('models', 'pull', 'webssl-mae700m-full2b-224');
    expect(code).toBe(0);
    expect(stderr).toContain(`Fetching ${model} at ${pinned.slice(0, 12)} from ${hub.endpoint}`);
    expect(stderr).toContain('Licence: CC-BY-NC-4.0 (no commercial use)');
    const snapshot = join(cache, 'models--facebook--webssl-mae700m-full2b-224', 'snapshots', pinned);
    expect(stdout).toContain(snapshot);
    expect((await readdir(snapshot)).sort()).toEqual(Object.keys(tinyFiles).sort());
    expect(hub.requests.some(({ path }) => path.includes('model.bin'))).toBe(false);
  });

  it('asks for nothing when the commit is there', async () => {
    await run('models', 'pull', model);
    hub.reset();
    expect(await run('models', 'pull', model)).toMatchObject({ code: 0, stderr: '' });
    expect(hub.requests).toEqual([]);
  });

  it('prints every event as a line of JSON', async () => {
    const { stdout, stderr } = await run('models', 'pull', model, '--json');
    const events = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(stderr).toBe('');
    expect(events[0]).toMatchObject({ kind: 'plan', id: model, commit: pinned, license: 'CC-BY-NC-4.0' });
    expect(events.filter(({ kind }) => kind === 'verified').map(({ path }) => path)).toEqual(
      expect.arrayContaining(Object.keys(tinyFiles)),
    );
    expect(events.at(-1)).toMatchObject({ kind: 'done', id: model, commit: pinned });
  });

  it('takes endpoint, cache and token file from the command line', async () => {
    await writeFile(join(folder, 'token.txt'), 'hf_secret\n');
    const parameters = ['models', 'pull', 'some-org/gated', '--endpoint', hub.endpoint];
    const named = join(folder, 'named-cache');
    const { code, stdout, stderr } = await webssl(
      [...parameters, '--cache-dir', named, '--token-file', 'token.txt'],
      {
        cwd: folder,
        environment: { ...environment(), HF_ENDPOINT: 'http://127.0.0.1:9', HF_HUB_CACHE: '/nowhere' },
      },
    );
    expect({ code, stderr }).toMatchObject({ code: 0 });
    expect(await readdir(named)).toContain('models--some-org--gated');
    expect(stdout + stderr).not.toContain('hf_secret');
  });

  it('says how to give a token where one is needed', async () => {
    const { code, stderr } = await run('models', 'pull', 'some-org/gated');
    expect(code).toBe(1);
    expect(stderr).toContain('HUB_ACCESS_DENIED');
    expect(stderr).toContain('HF_TOKEN');
  });

  it('tells a misspelt name from the catalogue', async () => {
    const { code, stderr } = await run('models', 'pull', 'facebook/webssl-mae700-full2b-224');
    expect(code).toBe(1);
    expect(stderr).toContain('HUB_REPOSITORY_NOT_FOUND');
    expect(stderr).toContain(`Did you mean ${model}`);
  });

  it.each([
    [['models', 'pull', model, '--offline'], 1, 'HUB_OFFLINE'],
    [['models', 'pull', model, '--endpoint', 'ftp://hub'], 1, 'HUB_ENDPOINT_INVALID'],
    [['models', 'pull', model, '--token-file', 'missing.txt'], 1, 'HUB_TOKEN_UNREADABLE'],
    [['models', 'pull', model, '--connections', '0'], 2, 'Write a whole number'],
    [['models', 'pull', 'no such model'], 1, 'MODEL_UNKNOWN'],
    [['models', 'verify', model], 1, 'MODEL_NOT_ON_DISK'],
    [['models', 'remove', model], 1, 'MODEL_NOT_ON_DISK'],
    [['models', 'serve', '--port', '70000'], 2, 'Write a port'],
  ])('refuses %j', async (parameters, expectedCode, message) => {
    const { code, stdout, stderr } = await run(...parameters);
    expect({ code, stdout }).toEqual({ code: expectedCode, stdout: '' });
    expect(stderr).toContain(message);
    expect(hub.requests).toEqual([]);
  });
});

describe('a model that is not on disk', () => {
  it('is fetched by embed, and gives the features of the same files in a folder', async () => {
    const image = goldenImage('rocket.jpg');
    const { code, stdout, stderr } = await run('embed', image, '--model', model, '--json');
    expect({ code, stderr }).toMatchObject({ code: 0 });
    expect(stderr).toContain('Licence: CC-BY-NC-4.0');
    const again = await run('embed', image, '--model', goldenCheckpoint('vit-tiny-p14'), '--json');
    expect(JSON.parse(stdout).features).toEqual(JSON.parse(again.stdout).features);
  });

  it('is not fetched by embed --offline', async () => {
    const { code, stderr } = await run('embed', goldenImage('rocket.jpg'), '--model', model, '--offline');
    expect(code).toBe(1);
    expect(stderr).toContain('MODEL_NOT_ON_DISK');
    expect(stderr).toContain(`webssl models pull ${model}`);
    expect(hub.requests).toEqual([]);
  });

  it('is not fetched for images that are not there', async () => {
    const { code, stderr } = await run('embed', 'nothere.jpg', '--model', model);
    expect(code).toBe(1);
    expect(stderr).toContain('IMAGES_NOT_FOUND: There is no file nothere.jpg');
    expect(hub.requests).toEqual([]);
  });

  it('has only its processor config fetched by preprocess', async () => {
    const image = goldenImage('rocket.jpg');
    const { code } = await run('preprocess', image, '--model', model, '--out', join(folder, 'seen.png'));
    expect(code).toBe(0);
    expect(hub.requests.some(({ path }) => path.includes('model.safetensors'))).toBe(false);
  });
});

describe('models that are on disk', () => {
  it('are listed with their size, verified, and removed', async () => {
    await run('models', 'pull', model);
    const listed = JSON.parse((await run('models', 'list', '--json')).stdout);
    const entry = listed.catalogue.find(({ id }: { id: string }) => id === model);
    const bytes = Object.values(tinyFiles).reduce((sum, file) => sum + file.length, 0);
    expect(entry.onDisk).toMatchObject([{ commit: pinned, bytes, missing: [] }]);
    expect((await run('models', 'list')).stdout).toMatch(new RegExp(`${model} .* 1 MB$`, 'm'));

    const verified = await run('models', 'verify');
    expect(verified.code).toBe(0);
    expect(verified.stdout.match(/^ {2}good/gm)).toHaveLength(3);

    const removed = await run('models', 'remove', model);
    expect(removed).toMatchObject({ code: 0 });
    expect(await readdir(cache)).not.toContain('models--facebook--webssl-mae700m-full2b-224');
  });

  it('are found damaged by verify, and mended with --repair', async () => {
    await run('models', 'pull', model);
    const { stdout: path } = await run('models', 'path', model);
    const weights = await realpath(join(path.trim(), 'model.safetensors'));
    const bytes = await readFile(weights);
    bytes.writeUInt8(bytes.readUInt8(5000) ^ 1, 5000);
    await writeFile(weights, bytes);

    const damaged = await run('models', 'verify', model);
    expect(damaged.code).toBe(1);
    expect(damaged.stdout).toMatch(/damaged +model\.safetensors: expected [0-9a-f]{64}, got [0-9a-f]{64}/);

    const mended = await run('models', 'verify', model, '--repair');
    expect(mended.code).toBe(0);
    expect(await readFile(join(path.trim(), 'model.safetensors'))).toEqual(tinyFiles['model.safetensors']);
  });
});

describe('webssl models serve', () => {
  it('offers the cache to other machines until it is interrupted', async () => {
    await run('models', 'pull', model);
    const server = spawn(process.execPath, [command, 'models', 'serve', '--port', '0'], {
      cwd: folder,
      env: { ...process.env, ...environment() },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const ended = once(server, 'close');
    const [line] = await once(createInterface(server.stdout), 'line');
    const [endpoint = ''] = /http:\/\/\S+$/.exec(String(line)) ?? [];
    hub.reset();
    cache = join(folder, 'second-machine');
    const pulled = await run('models', 'pull', model, '--endpoint', endpoint);
    server.kill('SIGINT');
    expect(pulled).toMatchObject({ code: 0 });
    expect(pulled.stdout).toContain(`${model} at ${pinned}`);
    expect(hub.requests).toEqual([]);
    expect(await ended).toEqual([0, null]);
  });
});
