import { spawn } from 'node:child_process';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { partPaths } from './part-paths.js';
import { partOf } from './part-state.js';
import { buildTransfer } from './testing/built-transfer.js';
import { bytesFrom, sha256Of } from './testing/file-of.js';
import { type RangeServer, serveRanges } from './testing/range-server.js';

const content = bytesFrom(1, 40 * 1024 * 1024);
const facts = { bytes: content.length, hash: sha256Of(content) };

let built: Awaited<ReturnType<typeof buildTransfer>>;
beforeAll(async () => {
  built = await buildTransfer();
});
afterAll(() => rm(built.folder, { recursive: true, force: true }));

/** Downloads in a process of its own, which is killed when it has told of `killAt` bytes. Returns how many it told of. */
function downloadInChild(server: RangeServer, destination: string, killAt: number): Promise<number> {
  const text = `
    import { get } from 'node:http';
    import { downloadFile } from '${built.url('download-file')}';
    const source = {
      open: (range, signal) => new Promise((resolve, reject) => {
        const headers = { range: 'bytes=' + range.start + '-' + (range.end - 1) };
        get('${server.url}', { headers, signal }, (body) => {
          resolve({ start: range.start, isPartial: true, totalBytes: ${content.length}, body });
        }).on('error', reject);
      }),
    };
    let bytes = 0;
    await downloadFile(
      { source, destination: ${JSON.stringify(destination)}, ...${JSON.stringify(facts)} },
      {
        pieceBytes: 4 * 1024 * 1024,
        workerEntry: ${JSON.stringify(built.workerEntry)},
        onBytes: (difference) => console.log(bytes += difference),
      },
    );`;
  const child = spawn(process.execPath, ['--input-type=module', '--eval', text], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let printed = '';
  const told = () => Number(printed.slice(0, printed.lastIndexOf('\n')).split('\n').at(-1));
  child.stdout.on('data', (piece) => {
    printed += piece;
    if (told() >= killAt) child.kill('SIGKILL');
  });
  return new Promise((resolve, reject) => {
    child.once('close', (code, signal) => {
      if (code === 0 || signal === 'SIGKILL') resolve(told());
      else reject(new Error(`the download ended with code ${code}`));
    });
  });
}

it('goes on after a kill -9 from the byte reached, and fetches no byte that is there', async () => {
  const server = await serveRanges(content, 40_000);
  const destination = join(built.folder, 'killed');
  let present = 0;
  for (let kill = 0; kill < 3; kill++) {
    const more = Math.ceil(Math.random() * 8 * 1024 * 1024);
    const told = await downloadInChild(server, destination, more);
    const before = present;
    present = (await partOf(destination, facts)).presentBytes;
    expect(present).toBeGreaterThanOrEqual(before + told);
    expect(present).toBeLessThan(content.length);
  }
  const askedBefore = server.askedBytes();
  await downloadInChild(server, destination, Number.POSITIVE_INFINITY);
  expect(server.askedBytes() - askedBefore).toBe(content.length - present);
  expect(Buffer.compare(await readFile(destination), content)).toBe(0);
  await server.close();
});

it('goes on after a reboot from what had reached the disk', async () => {
  const server = await serveRanges(content, 40_000);
  const destination = join(built.folder, 'rebooted');
  await downloadInChild(server, destination, 8 * 1024 * 1024);
  const { part, journal } = partPaths(destination);
  const [header = '', ...lines] = (await readFile(journal, 'utf8')).split('\n');
  const synced = JSON.stringify({ synced: [[0, 1024 * 1024]] });
  const otherBoot = header.replace(/"boot":"[^"]*"/, '"boot":"another"');
  await writeFile(journal, [otherBoot, synced, ...lines].join('\n'));
  // What a power cut leaves of bytes that had not reached the disk: zeros.
  const left = await readFile(part);
  await writeFile(part, left.fill(0, 1024 * 1024));
  const askedBefore = server.askedBytes();
  await downloadInChild(server, destination, Number.POSITIVE_INFINITY);
  expect(server.askedBytes() - askedBefore).toBe(content.length - 1024 * 1024);
  expect(Buffer.compare(await readFile(destination), content)).toBe(0);
  await server.close();
});
