import { mkdir, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { exportedFile } from './exported-file.js';

let root: string;

beforeEach(async () => {
  root = await realpath(await mkdtemp(join(tmpdir(), 'exported-file-')));
});

afterEach(() => rm(root, { recursive: true }));

/** Writes a package that exports a worker and itself; returns the path of the worker. */
async function install(folder: string, name: string): Promise<string> {
  const place = join(root, folder, 'node_modules', name);
  await mkdir(place, { recursive: true });
  await writeFile(join(place, 'worker.js'), '');
  await writeFile(join(place, 'index.js'), '');
  await writeFile(
    join(place, 'package.json'),
    JSON.stringify({ name, exports: { '.': './index.js', './worker': './worker.js' } }),
  );
  return join(place, 'worker.js');
}

/** The code that asks, bundled into a program. */
const bundle = () => pathToFileURL(join(root, 'program', 'dist', 'index.js')).href;
const find = (from: string) => fileURLToPath(exportedFile('@webssl/device/worker', from, 'workerEntry'));

describe('exportedFile', () => {
  it('finds a file of the package that asks', async () => {
    const worker = await install('program', '@webssl/device');
    expect(find(pathToFileURL(join(dirname(worker), 'index.js')).href)).toBe(worker);
  });

  it('finds it from a bundle, where the package is installed beside the program', async () => {
    const worker = await install('program', '@webssl/device');
    expect(find(bundle())).toBe(worker);
  });

  it('finds it from a bundle, where only the face of the project is', async () => {
    await install('program', '@webssl/encoder');
    const worker = await install('program/node_modules/@webssl/encoder', '@webssl/device');
    expect(find(bundle())).toBe(worker);
  });

  it('takes no file of that name that is the program of somebody else', async () => {
    const worker = await install('program', '@webssl/device');
    await mkdir(join(root, 'program', 'dist'), { recursive: true });
    await writeFile(join(root, 'program', 'dist', 'worker.js'), '');
    expect(find(bundle())).toBe(worker);
  });

  it('says what to install, and which option helps', () => {
    expect(() => find(bundle())).toThrow(
      expect.objectContaining({
        code: 'WORKER_FILE_MISSING',
        message: expect.stringMatching(/Install @webssl\/device where the program runs.*option workerEntry/),
      }),
    );
  });
});
