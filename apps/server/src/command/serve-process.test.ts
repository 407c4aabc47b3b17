import { spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, test } from 'vitest';
import { askForCls } from '../testing/ask.js';
import { ExpectedFeatures } from '../testing/expected-features.js';
import { processObstacle, ServerProcess } from '../testing/server-process.js';
import { imageBytes } from '../testing/test-images.js';

const program = fileURLToPath(new URL('../../bin/webssl-server.mjs', import.meta.url));
const open: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of open.splice(0).reverse()) await close();
});

/** Runs the program until it ends by itself. */
function run(parameters: readonly string[]) {
  return new Promise<{ code: number | null; result: string; notes: string }>((resolve) => {
    const child = spawn(process.execPath, [program, ...parameters], { stdio: ['ignore', 'pipe', 'pipe'] });
    let result = '';
    let notes = '';
    child.stdout.on('data', (text) => {
      result += text;
    });
    child.stderr.on('data', (text) => {
      notes += text;
    });
    child.on('close', (code) => resolve({ code, result, notes }));
  });
}

describe.skipIf(processObstacle !== '')(`webssl-server${processObstacle}`, () => {
  test('serves, answers who has a key, and ends in order when it is told to', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'webssl-serve-'));
    open.push(() => rm(folder, { recursive: true }));
    const made = await run(['create-key', 'camera-7', '--images-per-minute', '100']);
    expect(made).toMatchObject({
      code: 0,
      result: expect.stringMatching(/^camera-7 sha256:[0-9a-f]{64} images-per-minute=100\n$/),
    });
    const [key = ''] = /webssl_\S+/.exec(made.notes) ?? [];
    const keys = join(folder, 'keys');
    await writeFile(keys, made.result);

    const server = new ServerProcess(['--api-keys-file', keys]);
    open.push(() => server.kill());
    const address = await server.address();
    expect(server.notes).toContain(`Serving vit-tiny-p14 at ${address}`);
    const image = imageBytes('rocket.jpg');
    expect(await askForCls(address, image)).toMatchObject({ status: 401, code: 'API_KEY_MISSING' });
    const expected = await ExpectedFeatures.load();
    open.push(() => expected.close());
    const answer = await askForCls(address, image, { headers: { authorization: `Bearer ${key}` } });
    expect(answer.status).toBe(200);
    expect(answer.cls).toEqual(await expected.cls(image));
    server.signal('SIGTERM');
    expect(await server.exit).toEqual({ code: 0, signal: null });
    expect(server.notes).toContain('Stopping');
    expect(server.notes).not.toContain(key);
  });

  test.each([
    [['--max-images', '9', '--max-queue-images', '8'], 'SERVER_LIMIT_INVALID', 2],
    [['--cors-origin', 'a.example'], 'SERVER_OPTION_INVALID', 2],
    [['--model', '/nowhere/at/all'], 'CHECKPOINT_FOLDER_MISSING', 1],
    [['--no-such-flag'], 'unknown option', 2],
    [['create-key', 'two words'], 'API_KEY_OPTION_INVALID', 2],
  ])('%j ends with the reason on stderr', async (parameters, reason, code) => {
    expect(await run(parameters)).toMatchObject({ code, result: '', notes: expect.stringContaining(reason) });
  });
});
