import { timingSafeEqual } from 'node:crypto';
import { mkdir, mkdtemp, open, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { WebsslError } from '@webssl/backend';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createApiKey } from './api-key.js';
import { type ApiKeys, type ApiKeysOptions, openApiKeys } from './api-keys.js';

vi.mock('node:crypto', async (importOriginal) => {
  const original = await importOriginal<typeof import('node:crypto')>();
  return { ...original, timingSafeEqual: vi.fn(original.timingSafeEqual) };
});

const never = 1_000_000_000;
const [old, other, fresh] = ['old', 'other', 'fresh'].map((name) => createApiKey(name)) as [
  ReturnType<typeof createApiKey>,
  ReturnType<typeof createApiKey>,
  ReturnType<typeof createApiKey>,
];

let folder = '';
let path = '';
const opened: ApiKeys[] = [];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'webssl-api-keys-'));
  path = join(folder, 'keys.txt');
});
afterEach(async () => {
  for (const keys of opened.splice(0)) keys.close();
  await rm(folder, { recursive: true });
});

/** With what was told of it; by default changes are seen by announcement only. */
async function opening(at: string, options: ApiKeysOptions = { pollMilliseconds: never }) {
  const reloads: number[] = [];
  const problems: WebsslError[] = [];
  const keys = await openApiKeys(at, {
    onReload: (count) => reloads.push(count),
    onProblem: (error) => problems.push(error),
    ...options,
  });
  opened.push(keys);
  return { keys, reloads, problems };
}

const soon = { timeout: 10_000, interval: 10 };

test('a key of the file is found, with what the file says of it; another is not', async () => {
  const limited = createApiKey('limited', { imagesPerMinute: 90 });
  await writeFile(path, `${old.line}\n${limited.line}\n`);
  const { keys } = await opening(path);
  expect(keys.count).toBe(2);
  expect(keys.find(old.key)).toEqual({ name: 'old' });
  expect(keys.find(limited.key)).toEqual({ name: 'limited', imagesPerMinute: 90 });
  const [, hash = ''] = old.line.split(/ sha256:/);
  for (const wrong of [
    other.key,
    '',
    old.key.slice(0, -1),
    `${old.key}a`,
    old.key.toUpperCase(),
    'old',
    hash,
  ])
    expect(keys.find(wrong)).toBeUndefined();
});

test('every entry is compared, whichever it is or none', async () => {
  const all = Array.from({ length: 20 }, (_, index) => createApiKey(`key-${index}`));
  await writeFile(path, all.map(({ line }) => line).join('\n'));
  const { keys } = await opening(path);
  const compare = vi.mocked(timingSafeEqual);
  for (const presented of [all[0]?.key, all[10]?.key, all[19]?.key, 'none']) {
    compare.mockClear();
    keys.find(presented ?? '');
    expect(compare).toHaveBeenCalledTimes(20);
    expect(new Set(compare.mock.calls.map(([entry]) => entry)).size).toBe(20);
  }
});

test('a file written in place is read again: new keys work, and old ones no longer', async () => {
  await writeFile(path, old.line);
  const { keys, reloads, problems } = await opening(path);
  await writeFile(path, `${fresh.line}\n${other.line}\n`);
  await vi.waitFor(() => expect(reloads).toEqual([2]), soon);
  expect(keys.find(old.key)).toBeUndefined();
  expect(keys.find(fresh.key)).toEqual({ name: 'fresh' });
  expect(keys.count).toBe(2);
  expect(problems).toEqual([]);
});

test('a file put in its place is read', async () => {
  await writeFile(path, old.line);
  const { keys, reloads } = await opening(path);
  for (const { line, key } of [fresh, other]) {
    await writeFile(join(folder, 'keys.txt.new'), line);
    await rename(join(folder, 'keys.txt.new'), path);
    await vi.waitFor(() => expect(keys.find(key)).toBeDefined(), soon);
  }
  expect(reloads).toEqual([1, 1]);
});

test('a symbolic link to a folder that is swapped, as Kubernetes does, is followed', async () => {
  const write = async (name: string, line: string) => {
    await mkdir(join(folder, name));
    await writeFile(join(folder, name, 'keys.txt'), line);
  };
  await write('..first', old.line);
  await write('..second', fresh.line);
  await symlink('..first', join(folder, '..data'));
  await symlink(join('..data', 'keys.txt'), path);
  const { keys } = await opening(path);
  expect(keys.find(old.key)).toBeDefined();
  await symlink('..second', join(folder, '..new'));
  await rename(join(folder, '..new'), join(folder, '..data'));
  await vi.waitFor(() => expect(keys.find(fresh.key)).toBeDefined(), soon);
  expect(keys.find(old.key)).toBeUndefined();
});

test('a change that nothing announces is seen by looking', async () => {
  const elsewhere = join(folder, 'elsewhere');
  await mkdir(elsewhere);
  await writeFile(join(elsewhere, 'real.txt'), old.line);
  const link = join(folder, 'watched');
  await mkdir(link);
  await symlink(join(elsewhere, 'real.txt'), join(link, 'keys.txt'));
  const { keys } = await opening(join(link, 'keys.txt'), { pollMilliseconds: 20 });
  for (const { line, key } of [fresh, other]) {
    await writeFile(join(elsewhere, 'real.txt'), line);
    await vi.waitFor(() => expect(keys.find(key)).toBeDefined(), soon);
  }
});

test('a file that vanishes leaves its keys in force and is told once; when it is back, so are its keys', async () => {
  await writeFile(path, old.line);
  const { keys, reloads, problems } = await opening(path, { pollMilliseconds: 20 });
  await rm(path);
  await vi.waitFor(() => expect(problems).toHaveLength(1), soon);
  await sleep(200);
  expect(problems).toMatchObject([
    {
      code: 'API_KEYS_FILE_UNREADABLE',
      message: expect.stringContaining('The keys read before stay in force'),
    },
  ]);
  expect(keys.find(old.key)).toBeDefined();
  await writeFile(path, old.line);
  await vi.waitFor(() => expect(reloads).toEqual([1]), soon);
  await rm(path);
  await vi.waitFor(() => expect(problems).toHaveLength(2), soon);
});

test.each([
  ['empty', ''],
  ['invalid', 'no hash here\n'],
])('a file that becomes %s leaves its keys in force', async (_, text) => {
  await writeFile(path, old.line);
  const { keys, problems } = await opening(path);
  await writeFile(path, text);
  await vi.waitFor(() => expect(problems).toMatchObject([{ code: 'API_KEYS_FILE_INVALID' }]), soon);
  expect(keys.find(old.key)).toBeDefined();
  await writeFile(path, fresh.line);
  await vi.waitFor(() => expect(keys.find(fresh.key)).toBeDefined(), soon);
});

test('what a slow writer has written so far does not count', async () => {
  const lines = Array.from({ length: 12 }, (_, index) => createApiKey(`key-${index}`).line);
  await writeFile(path, `${old.line}\n`);
  const { keys, reloads, problems } = await opening(path, {
    pollMilliseconds: 5,
    settleMilliseconds: 500,
  });
  const file = await open(path, 'w');
  for (const line of lines) {
    await file.write(line.slice(0, 40));
    await sleep(10);
    await file.write(`${line.slice(40)}\n`);
    await sleep(10);
  }
  await file.close();
  await vi.waitFor(() => expect(keys.count).toBe(12), soon);
  expect({ reloads, problems }).toEqual({ reloads: [12], problems: [] });
});

test('once closed, it follows no change', async () => {
  await writeFile(path, old.line);
  const { keys, reloads, problems } = await opening(path, { pollMilliseconds: 10 });
  keys.close();
  await writeFile(path, fresh.line);
  await sleep(300);
  expect(keys.find(old.key)).toBeDefined();
  expect({ reloads, problems }).toEqual({ reloads: [], problems: [] });
});

test('a file that cannot be used at the start is refused', async () => {
  const isUnreadable = expect.objectContaining({ code: 'API_KEYS_FILE_UNREADABLE', details: { path } });
  await expect(openApiKeys(path)).rejects.toEqual(isUnreadable);
  await mkdir(path);
  await expect(openApiKeys(path)).rejects.toEqual(isUnreadable);
  await rm(path, { recursive: true });
  await writeFile(path, '#'.repeat(1024 * 1024 + 1));
  await expect(openApiKeys(path)).rejects.toEqual(isUnreadable);
  await writeFile(path, '# nobody yet\n');
  await expect(openApiKeys(path)).rejects.toThrow(expect.objectContaining({ code: 'API_KEYS_FILE_INVALID' }));
});
