import { spawn } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, rm, stat, truncate, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { WebsslError } from '@webssl/backend';
import { openTensorIndex, readTensor } from '@webssl/tensor-files';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openCheckpoint } from '../open-checkpoint.js';
import { fillUniform, tensorKeys } from './random-numbers.js';
import {
  ensureSyntheticCheckpoint,
  findSyntheticCheckpoint,
  type SyntheticCheckpointOptions,
} from './synthetic-checkpoint.js';
import { entryWith, smallEntry } from './testing/tiny-entry.js';
import { weightDistribution } from './weight-distributions.js';

let root = '';
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'webssl-synthetic-'));
});
afterAll(() => rm(root, { recursive: true, force: true }));

let caches = 0;
const freshCache = () => join(root, `cache-${caches++}`);

function ensure(
  cacheFolder: string,
  options: Partial<SyntheticCheckpointOptions> = {},
): Promise<{ folder: string }> {
  return ensureSyntheticCheckpoint({ entry: smallEntry, seed: 0, cacheFolder, ...options });
}

async function failureOf(promise: Promise<unknown>): Promise<WebsslError> {
  const outcome = await promise.then(
    () => undefined,
    (error: unknown) => error,
  );
  if (WebsslError.isInstance(outcome)) return outcome;
  throw new Error(`a WebsslError was expected, not ${String(outcome)}`, { cause: outcome });
}

/** Everything that lies where a cache keeps its synthetic checkpoints. */
async function places(cacheFolder: string): Promise<readonly string[]> {
  const recipes = await readdir(join(cacheFolder, 'synthetic'));
  return (await Promise.all(recipes.map((recipe) => readdir(join(cacheFolder, 'synthetic', recipe))))).flat();
}

describe('ensureSyntheticCheckpoint', () => {
  it.each([
    ['Web-MAE', smallEntry],
    [
      'Web-DINO',
      entryWith('Web-DINO', { hiddenSize: 64, layers: 2, heads: 4, imageSize: 28, feedForwardSize: 176 }),
    ],
  ] as const)('writes a complete %s checkpoint that says what it is', async (_, entry) => {
    const { folder } = await ensureSyntheticCheckpoint({ entry, seed: 42, cacheFolder: freshCache() });
    const checkpoint = await openCheckpoint(folder);
    expect(checkpoint.config).toEqual(entry.config);
    expect(checkpoint.synthetic).toEqual({ seed: 42 });
    expect(checkpoint.index.metadata).toMatchObject({ 'webssl.synthetic': 'true', 'webssl.model': entry.id });
    const config = JSON.parse(await readFile(join(folder, 'config.json'), 'utf8'));
    expect(config.webssl).toMatchObject({ synthetic: true, seed: 42 });
  });

  it('fills each tensor with its own numbers, to the last', async () => {
    const { folder } = await ensure(freshCache(), { seed: 3 });
    for (const entry of (await openTensorIndex(folder)).tensors.values()) {
      const { data } = await readTensor(entry, { requireFinite: true });
      const expected = new Float32Array(data.length);
      fillUniform(expected, 0, tensorKeys(3, entry.name), weightDistribution(entry.name, smallEntry.config));
      expect(Buffer.compare(Buffer.from(data.buffer), Buffer.from(expected.buffer))).toBe(0);
    }
  });

  it('gives the same bytes with any number of workers, and others with another seed', async () => {
    const weights = async (options: Partial<SyntheticCheckpointOptions>) =>
      readFile(join((await ensure(freshCache(), options)).folder, 'model.safetensors'));
    const one = await weights({ workers: 1 });
    expect(Buffer.compare(await weights({ workers: 3 }), one)).toBe(0);
    expect(Buffer.compare(await weights({ seed: 1 }), one)).not.toBe(0);
  });

  it('reports progress up to the whole, and does nothing the second time', async () => {
    const cacheFolder = freshCache();
    const seen: number[] = [];
    let total = 0;
    const { folder } = await ensure(cacheFolder, {
      onProgress: ({ writtenBytes, totalBytes }) => {
        seen.push(writtenBytes);
        total = totalBytes;
      },
    });
    expect(seen).toEqual([...seen].sort((a, b) => a - b));
    expect(seen.at(-1)).toBe(total);
    const sizes = await Promise.all(
      (await readdir(folder)).map(async (name) => (await stat(join(folder, name))).size),
    );
    expect(sizes.reduce((sum, size) => sum + size)).toBe(total);

    const before = await stat(join(folder, 'model.safetensors'));
    const again = await ensure(cacheFolder, {
      onProgress: () => {
        throw new Error('nothing is to be written');
      },
    });
    expect(again.folder).toBe(folder);
    expect((await stat(join(folder, 'model.safetensors'))).mtimeMs).toBe(before.mtimeMs);
  });

  it('survives being called several times at once', async () => {
    const cacheFolder = freshCache();
    const results = await Promise.all([ensure(cacheFolder), ensure(cacheFolder), ensure(cacheFolder)]);
    expect(new Set(results.map(({ folder }) => folder)).size).toBe(1);
    expect(await places(cacheFolder)).toEqual(['test--Web-MAE@0']);
    expect((await openCheckpoint(results[0].folder)).synthetic).toEqual({ seed: 0 });
  });

  it('writes again what was damaged', async () => {
    const cacheFolder = freshCache();
    const { folder } = await ensure(cacheFolder);
    await truncate(join(folder, 'model.safetensors'), 1000);
    expect(await findSyntheticCheckpoint({ entry: smallEntry, seed: 0, cacheFolder })).toBeUndefined();
    await ensure(cacheFolder);
    expect((await openCheckpoint(folder)).synthetic).toEqual({ seed: 0 });
    expect(await places(cacheFolder)).toEqual(['test--Web-MAE@0']);
  });

  it('leaves nothing when aborted, before or in the midst', async () => {
    const cacheFolder = freshCache();
    const reason = new Error('enough');
    await expect(ensure(cacheFolder, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
    const controller = new AbortController();
    const options = { workers: 1, signal: controller.signal, onProgress: () => controller.abort(reason) };
    await expect(ensure(cacheFolder, options)).rejects.toBe(reason);
    expect(await places(cacheFolder)).toEqual([]);
  });

  it('ends with the error of a progress callback, and leaves nothing', async () => {
    const cacheFolder = freshCache();
    const cause = new Error('no more');
    const onProgress = () => {
      throw cause;
    };
    expect((await failureOf(ensure(cacheFolder, { onProgress }))).cause).toBe(cause);
    expect(await places(cacheFolder)).toEqual([]);
  });

  it('says how much space is missing before it writes', async () => {
    const cacheFolder = freshCache();
    const entry = entryWith('Web-MAE', { hiddenSize: 2 ** 20, layers: 1, feedForwardSize: 2 ** 22 });
    const failure = await failureOf(ensure(cacheFolder, { entry }));
    expect(failure.code).toBe('SYNTHETIC_DISK_FULL');
    expect(failure.message).toMatch(
      /needs \d+\.\d\d GB, and .*recipe-\d+ has \d+\.\d\d GB free\. .*WEBSSL_CACHE/,
    );
    expect(failure.details['needed']).toBeGreaterThan(4 * 12 * 2 ** 40);
    expect(await places(cacheFolder)).toEqual([]);
  });

  it('fails where it cannot write', async () => {
    await writeFile(join(root, 'a-file'), '');
    const failure = await failureOf(ensure(join(root, 'a-file')));
    expect(failure.code).toBe('SYNTHETIC_WRITE_FAILED');
    expect(failure.cause).toMatchObject({ code: 'ENOTDIR' });
  });

  it('fails when its workers do, and leaves nothing', async () => {
    const cacheFolder = freshCache();
    const failure = await failureOf(ensure(cacheFolder, { workerEntry: join(root, 'no-worker.js') }));
    expect(failure.code).toBe('SYNTHETIC_WRITE_FAILED');
    expect(failure.message).toContain('no-worker.js');
    expect(await places(cacheFolder)).toEqual([]);
  });

  it('removes what a killed process left long ago, and nothing that may be in use', async () => {
    const cacheFolder = freshCache();
    const { folder } = await ensure(cacheFolder, { seed: 1 });
    const [old, fresh] = ['.test--Web-MAE@0.old.partial', '.test--Web-MAE@0.fresh.partial'];
    for (const name of [old, fresh]) {
      await mkdir(join(dirname(folder), name));
      await writeFile(join(dirname(folder), name, 'model.safetensors'), '');
    }
    const hoursAgo = Date.now() / 1000 - 7200;
    for (const path of [join(old, 'model.safetensors'), old])
      await utimes(join(dirname(folder), path), hoursAgo, hoursAgo);
    await ensure(cacheFolder);
    expect([...(await places(cacheFolder))].sort()).toEqual([fresh, 'test--Web-MAE@0', 'test--Web-MAE@1']);
  });

  it('leaves nothing that is taken for a checkpoint when the process is killed', async () => {
    const cacheFolder = freshCache();
    const reference = 'random:facebook/webssl-mae300m-full2b-224';
    const child = spawn(
      process.execPath,
      [
        '--input-type=module',
        '--eval',
        `import { openCheckpoint } from '@webssl/registry';
        await openCheckpoint('${reference}', { cacheFolder: ${JSON.stringify(cacheFolder)} });`,
      ],
      { cwd: fileURLToPath(new URL('../..', import.meta.url)) },
    );
    const ended = new Promise((resolve) => child.once('exit', resolve));
    const begun = () =>
      places(cacheFolder).then(
        (names) => names.length > 0,
        () => false,
      );
    while (child.exitCode === null && !(await begun())) await setTimeout(5);
    child.kill('SIGKILL');
    await ended;
    expect(child.signalCode).toBe('SIGKILL');
    const left = await places(cacheFolder);
    expect(left).toHaveLength(1);
    expect(left[0]).toMatch(/^\..*\.partial$/);
    await rm(cacheFolder, { recursive: true });
  });
});
