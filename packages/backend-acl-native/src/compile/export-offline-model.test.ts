import { execFileSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { fixtureModel } from '@webssl/backend/testkit';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { adoptOfflineModel } from './adopt-offline-model.js';
import { type ExportOptions, exportOfflineModel } from './export-offline-model.js';
import { offlineModelFor } from './offline-model-for.js';
import { compilerDouble, offlineModelBytes } from './testing/compiler-double.js';
import { refusal } from './testing/refusal.js';
import { fixturePlan } from './testing/requests.js';
import { temporaryFolder } from './testing/temporary-folder.js';

const source = fixtureModel();

beforeEach(() => {
  vi.stubEnv('WEBSSL_CACHE', temporaryFolder());
});
afterEach(() => vi.unstubAllEnvs());

function setUp(body?: string) {
  const compiler = compilerDouble(temporaryFolder(), body);
  const folder = join(temporaryFolder(), 'out');
  const options: ExportOptions = { ...fixturePlan, folder, compiler: compiler.path };
  return { compiler, folder, options };
}

const beside = (folder: string) => readdirSync(dirname(folder));

describe('an export', () => {
  it('makes a folder that the backend takes', async () => {
    const { folder, options } = setUp();
    const result = await exportOfflineModel(source, options);
    expect(result.kind).toBe('compiled');
    const model = await offlineModelFor(source, {
      ...fixturePlan,
      offlineModel: folder,
      cacheFolder: temporaryFolder(),
    });
    expect(result).toEqual({ kind: 'compiled', ...model });
    expect(model.manifest.files.map(({ path }) => path)).toContain('onnx/model.safetensors');
    expect(readFileSync(join(folder, 'atc.log'), 'utf8')).toContain('ATC run success');
    expect(beside(folder)).toEqual([basename(folder)]);
  });

  it('may take an empty folder', async () => {
    const { folder, options } = setUp();
    mkdirSync(folder);
    expect((await exportOfflineModel(source, options)).kind).toBe('compiled');
  });

  it('overwrites nothing', async () => {
    const { compiler, folder, options } = setUp();
    mkdirSync(folder);
    writeFileSync(join(folder, 'mine'), 'precious');
    for (const target of [folder, join(folder, 'mine')]) {
      const { code, message } = await refusal(exportOfflineModel(source, { ...options, folder: target }));
      expect(code).toBe('BACKEND_FOLDER_EXISTS');
      expect(message).toContain(target);
    }
    expect(readdirSync(folder)).toEqual(['mine']);
    expect(compiler.runs()).toEqual([]);
  });

  it('leaves the log alone behind when the compiler fails', async () => {
    const { folder, options } = setUp('process.exitCode = 1;');
    const { code, message } = await refusal(exportOfflineModel(source, options));
    expect(code).toBe('BACKEND_COMPILE_FAILED');
    expect(beside(folder)).toEqual(['out.atc.log']);
    expect(message).toContain(`${folder}.atc.log`);
  });

  it('leaves nothing behind on abort', async () => {
    const { folder, options } = setUp('setInterval(() => {}, 1000);');
    const abort = new AbortController();
    const onCompilerLine = () => abort.abort();
    const error = await refusal(
      exportOfflineModel(source, { ...options, onCompilerLine, signal: abort.signal }),
    );
    expect(error.code).toBe('BACKEND_ABORTED');
    expect(beside(folder)).toEqual([]);
  });

  it.each(['/proc/webssl/out', '/dev/null/out'])('says that it cannot write %s', async (folder) => {
    const { compiler, options } = setUp();
    const { code, message } = await refusal(exportOfflineModel(source, { ...options, folder }));
    expect(code).toBe('BACKEND_FOLDER_UNWRITABLE');
    expect(message).toContain(folder);
    expect(compiler.runs()).toEqual([]);
  });
});

describe('an export without the compiler', () => {
  async function pending() {
    const { compiler, folder, options } = setUp();
    const { compiler: path, ...rest } = options;
    vi.stubEnv('PATH', '/nowhere');
    vi.stubEnv('ASCEND_HOME_PATH', '');
    const result = await exportOfflineModel(source, rest);
    vi.stubEnv('PATH', `${dirname(String(path))}:/usr/bin:/bin`);
    return { compiler, folder, result };
  }

  it('writes the graph, its weights and the command', async () => {
    const { folder, result } = await pending();
    expect(result).toEqual({
      kind: 'pending',
      folder,
      command: expect.stringMatching(/^atc --framework=5 /),
    });
    expect(readdirSync(folder).toSorted()).toEqual([
      'compile.sh',
      'onnx',
      'operator-precision.ini',
      'webssl-offline-model.pending.json',
    ]);
    expect(readdirSync(join(folder, 'onnx')).toSorted()).toEqual(['model.onnx', 'model.safetensors']);
  });

  it('is not taken for an offline model', async () => {
    const { folder } = await pending();
    const { message } = await refusal(
      offlineModelFor(source, { ...fixturePlan, offlineModel: folder, cacheFolder: temporaryFolder() }),
    );
    expect(message).toMatch(/written but not compiled; run compile\.sh .* webssl export om --adopt/);
  });

  it('becomes one when compile.sh has run and it is adopted', async () => {
    const { compiler, folder } = await pending();
    execFileSync(join(folder, 'compile.sh'), { cwd: '/' });
    expect(compiler.runs()[0]?.folder).toBe(folder);
    const adopted = await adoptOfflineModel(folder);
    expect(adopted.manifest).toMatchObject({
      compilerVersion: 'unknown',
      command: expect.arrayContaining(['atc']),
    });
    expect(existsSync(join(folder, 'webssl-offline-model.pending.json'))).toBe(false);
    const named = await offlineModelFor(source, {
      ...fixturePlan,
      offlineModel: folder,
      cacheFolder: temporaryFolder(),
    });
    expect(named.folder).toBe(folder);
    vi.stubEnv('PATH', '/nowhere');
    expect(await offlineModelFor(source, fixturePlan)).toEqual(adopted);
  });

  it('is asked for by onnxOnly also where the compiler is', async () => {
    const { compiler, options } = setUp();
    expect((await exportOfflineModel(source, { ...options, onnxOnly: true })).kind).toBe('pending');
    expect(compiler.runs()).toEqual([]);
  });

  it.each([
    ['no offline model', () => undefined, /there is no \.om file/],
    [
      'no weights',
      (folder: string) => writeFileSync(join(folder, 'model.om'), offlineModelBytes()),
      /the folder weight beside the \.om is missing/,
    ],
    [
      'half an offline model',
      (folder: string) => writeFileSync(join(folder, 'model.om'), offlineModelBytes().subarray(0, 260)),
      /its header states 7 bytes of content, and 4 are there/,
    ],
    [
      'a damaged pending manifest',
      (folder: string) => writeFileSync(join(folder, 'webssl-offline-model.pending.json'), '{}'),
      /pending\.json: .*/,
    ],
    ['nothing', (folder: string) => rmSync(folder, { recursive: true }), /there is no such folder/],
  ])('is not adopted with %s', async (_, prepare, message) => {
    const { folder } = await pending();
    prepare(folder);
    const error = await refusal(adoptOfflineModel(folder));
    expect(error.code).toBe('BACKEND_OFFLINE_MODEL_INVALID');
    expect(error.message).toMatch(message);
    expect(existsSync(join(folder, 'webssl-offline-model.json'))).toBe(false);
  });
});

describe('an adopted offline model', () => {
  async function exported(change: Partial<ExportOptions> = {}) {
    const { folder, options } = setUp();
    await exportOfflineModel(source, { ...options, ...change });
    vi.stubEnv('PATH', '/nowhere');
    vi.stubEnv('ASCEND_HOME_PATH', '');
    return folder;
  }

  it('is found by whoever needs no more than it gives', async () => {
    const folder = await exported({ tokens: 'all', batchSizes: [1, 4] });
    const adopted = await adoptOfflineModel(folder);
    expect(adopted.folder).not.toBe(folder);
    for (const tokens of ['cls', 'patches', 'all'] as const) {
      expect(await offlineModelFor(source, { ...fixturePlan, tokens, batchSizes: [1, 8] })).toEqual(adopted);
    }
    const other = offlineModelFor(source, { ...fixturePlan, soc: 'Ascend310P3' });
    expect((await refusal(other)).code).toBe('BACKEND_MODEL_NOT_COMPILED');
  });

  it('does not depend on the folder that it came in', async () => {
    const folder = await exported();
    const { manifest } = await adoptOfflineModel(folder);
    rmSync(folder, { recursive: true });
    const found = await offlineModelFor(source, fixturePlan);
    expect(found.manifest).toEqual(manifest);
    expect(existsSync(join(found.folder, 'weight', 'weight_0'))).toBe(true);
    expect(existsSync(join(found.folder, 'onnx', 'model.safetensors'))).toBe(false);
  });

  it('may be adopted again', async () => {
    const folder = await exported();
    expect(await adoptOfflineModel(folder)).toEqual(await adoptOfflineModel(folder));
  });

  it('keeps its content when the folder that it came in is edited', async () => {
    const folder = await exported();
    const adopted = await adoptOfflineModel(folder);
    writeFileSync(join(folder, 'weight', 'weight_0'), 'nuMbers');
    expect(readFileSync(join(adopted.folder, 'weight', 'weight_0'), 'utf8')).toBe('numbers');
  });

  it('stays when a folder with a link out of it is to take its place', async () => {
    const folder = await exported();
    const adopted = await adoptOfflineModel(folder);
    const elsewhere = join(temporaryFolder(), 'weight_0');
    writeFileSync(elsewhere, 'numbers');
    rmSync(join(folder, 'weight', 'weight_0'));
    symlinkSync(elsewhere, join(folder, 'weight', 'weight_0'));
    expect((await refusal(adoptOfflineModel(folder))).code).toBe('BACKEND_OFFLINE_MODEL_INVALID');
    expect(await offlineModelFor(source, fixturePlan)).toEqual(adopted);
  });

  it('of another processor has a place of its own', async () => {
    const places = new Set<string>();
    for (const hostCpu of ['x64', 'arm64'] as const) {
      const { folder, options } = setUp();
      const result = await exportOfflineModel(source, { ...options, hostCpu });
      const name = hostCpu === 'x64' ? 'x86_64' : 'aarch64';
      expect(result).toMatchObject({
        manifest: { command: expect.arrayContaining([`--host_env_cpu=${name}`]) },
      });
      places.add(dirname((await adoptOfflineModel(folder)).folder));
    }
    expect(places.size).toBe(2);
  });

  it('is refused when a byte changed on the way', async () => {
    const folder = await exported();
    // As long as before.
    rmSync(join(folder, 'weight', 'weight_0'));
    writeFileSync(join(folder, 'weight', 'weight_0'), 'nuMbers');
    const { code, message } = await refusal(adoptOfflineModel(folder));
    expect(code).toBe('BACKEND_OFFLINE_MODEL_INVALID');
    expect(message).toMatch(
      /the content of weight\/weight_0 is not what was exported; copy the folder again/,
    );
  });
});
