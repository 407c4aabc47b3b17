import { spawn } from 'node:child_process';
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { ModelSource } from '@webssl/backend';
import { fixtureModel } from '@webssl/backend/testkit';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { defaultCacheFolder } from './cached-offline-model.js';
import { type OfflineModelRequest, offlineModelFor } from './offline-model-for.js';
import { partFolder } from './part-folder.js';
import { builtModule } from './testing/built-module.js';
import { compilerDouble, succeed } from './testing/compiler-double.js';
import { refusal } from './testing/refusal.js';
import { fixturePlan } from './testing/requests.js';
import { temporaryFolder } from './testing/temporary-folder.js';

const source = fixtureModel();
const ownPackage = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));
afterEach(() => vi.unstubAllEnvs());

function setUp(body?: string) {
  const compiler = compilerDouble(temporaryFolder(), body);
  const cacheFolder = temporaryFolder();
  const request: OfflineModelRequest = { ...fixturePlan, cacheFolder, compiler: compiler.path };
  return { compiler, cacheFolder, request };
}

/** Where nothing of CANN is. */
function withoutCompiler() {
  vi.stubEnv('PATH', '/nowhere');
  vi.stubEnv('ASCEND_HOME_PATH', '');
}

describe('an offline model', () => {
  it('is compiled once and then found', async () => {
    const { compiler, cacheFolder, request } = setUp();
    const lines: string[] = [];
    const model = await offlineModelFor(source, { ...request, onCompilerLine: (line) => lines.push(line) });
    expect(model.manifest).toMatchObject({
      model: { id: 'testkit-fixture', fingerprint: await source.fingerprint(), synthetic: true },
      size: { height: 12, width: 12 },
      outputs: ['last_hidden_state'],
      tokens: 'cls',
      precision: 'fp32',
      batchSizes: [1, 4],
      soc: 'Ascend910B4',
      offlineModel: 'model.om',
      compilerVersion: 'unknown',
      opset: 15,
      websslVersion: ownPackage.version,
    });
    expect(lines.at(-1)).toMatch(/^ATC run success/);
    expect(await offlineModelFor(source, request)).toEqual(model);
    const [run, ...more] = compiler.runs();
    expect(more).toEqual([]);
    expect(model.manifest.command).toEqual([compiler.path, ...(run?.arguments ?? [])]);
    expect(run?.arguments).toContain(`--op_compiler_cache_dir=${join(cacheFolder, 'operators')}`);
  });

  it('lies complete under its name, with everything that belongs to it and nothing else', async () => {
    const { request } = setUp();
    const { folder, manifest } = await offlineModelFor(source, request);
    const paths = ['model.om', 'onnx/model.onnx', 'operator-precision.ini', 'weight/weight_0'];
    expect(manifest.files.map(({ path }) => path)).toEqual(paths);
    for (const { path, bytes } of manifest.files) expect(statSync(join(folder, path)).size).toBe(bytes);
    // The weights of the model itself: its owner may remove them.
    expect(existsSync(join(folder, 'onnx', 'model.safetensors'))).toBe(false);
    const siblings = readdirSync(join(folder, '..'));
    expect(siblings.toSorted()).toEqual([basename(folder), `${basename(folder)}.log`]);
  });

  it('is another one for another plan, another model and another compiler', async () => {
    const { compiler, request } = setUp();
    const folders = new Set<string>();
    const plans = [
      request,
      { ...request, tokens: 'all' as const },
      { ...request, precision: 'fp16' as const },
      { ...request, soc: 'Ascend310P3' },
      { ...request, batchSizes: [4] },
    ];
    for (const plan of plans) folders.add((await offlineModelFor(source, plan)).folder);
    const other = { ...source, key: 'other', fingerprint: async () => 'other' };
    folders.add((await offlineModelFor(other, request)).folder);
    writeFileSync(join(compiler.path, '..', 'version.info'), 'Version=8.5.0\n');
    const newer = await offlineModelFor(source, request);
    expect(newer.manifest.compilerVersion).toBe('8.5.0');
    folders.add(newer.folder);
    expect(folders.size).toBe(7);
    expect(compiler.runs()).toHaveLength(7);
  });

  it('is the same one for the same weights in another place, which are read once', async () => {
    const { compiler, request } = setUp();
    await offlineModelFor(source, request);
    let read = 0;
    const moved: ModelSource = {
      ...source,
      key: 'moved',
      fingerprint: async () => {
        read += 1;
        return source.fingerprint();
      },
    };
    await offlineModelFor(moved, request);
    await offlineModelFor(moved, request);
    expect(compiler.runs()).toHaveLength(1);
    expect(read).toBe(1);
  });

  it('is compiled again when it is no longer whole', async () => {
    const { compiler, request } = setUp();
    const { folder } = await offlineModelFor(source, request);
    const damages = [
      () => truncateSync(join(folder, 'weight', 'weight_0'), 1),
      () => rmSync(join(folder, 'model.om')),
      () => appendFileSync(join(folder, 'webssl-offline-model.json'), '!'),
    ];
    for (const damage of damages) {
      damage();
      await offlineModelFor(source, request);
    }
    expect(compiler.runs()).toHaveLength(4);
  });

  it('needs no compiler when it is in the cache', async () => {
    const { compiler, request } = setUp();
    const model = await offlineModelFor(source, request);
    rmSync(compiler.path);
    withoutCompiler();
    const { compiler: _, ...found } = request;
    expect(await offlineModelFor(source, found)).toEqual(model);
  });

  it('is chosen by its batch sizes where several in the cache fit', async () => {
    const { compiler, request } = setUp();
    const exact = await offlineModelFor(source, request);
    await offlineModelFor(source, { ...request, batchSizes: [4] });
    rmSync(compiler.path);
    withoutCompiler();
    const { compiler: _, ...found } = request;
    expect(await offlineModelFor(source, found)).toEqual(exact);
  });

  it('is compiled where a process died in the middle of it', async () => {
    const { request } = setUp();
    const { folder } = await offlineModelFor(source, request);
    rmSync(folder, { recursive: true });
    // The name that this process gives, with a number above the largest that Linux gives a process.
    const died = partFolder(folder).replace(`-${process.pid}-`, `-${2 ** 22 + 1}-`);
    mkdirSync(died);
    writeFileSync(join(died, 'half'), '');
    await offlineModelFor(source, request);
    expect(readdirSync(join(folder, '..')).toSorted()).toEqual([basename(folder), `${basename(folder)}.log`]);
  });

  it('is compiled anew by a compiler that changed, also one that tells no version', async () => {
    const { compiler, request } = setUp();
    const first = await offlineModelFor(source, request);
    appendFileSync(compiler.path, '// newer');
    const second = await offlineModelFor(source, request);
    expect(second.folder).not.toBe(first.folder);
    expect(compiler.runs()).toHaveLength(2);
  });

  it('is given to two who hold the lock at once, the first of whom slept for long', async () => {
    const { compiler, cacheFolder, request } = setUp(
      `if (fs.readFileSync(__dirname + '/runs.jsonl', 'utf8').split('\\n').length > 2) { ${succeed} }
       else { const timer = setInterval(() => { if (fs.existsSync(__dirname + '/go')) { clearInterval(timer); ${succeed} } }, 20); }`,
    );
    const slow = offlineModelFor(source, request);
    await vi.waitUntil(() => compiler.runs().length === 1, { timeout: 10_000 });
    // As whoever takes over does after half a minute without a sign of life.
    for (const place of readdirSync(cacheFolder)) {
      for (const name of readdirSync(join(cacheFolder, place))) {
        if (name.endsWith('.lock')) rmSync(join(cacheFolder, place, name));
      }
    }
    const quick = await offlineModelFor(source, request);
    writeFileSync(join(compiler.path, '..', 'go'), '');
    expect(await slow).toEqual(quick);
    expect(compiler.runs()).toHaveLength(2);
    const { folder } = quick;
    expect(readdirSync(join(folder, '..')).toSorted()).toEqual([basename(folder), `${basename(folder)}.log`]);
  });

  it.runIf(process.platform === 'linux')('is on the disk before it has its name', async () => {
    const { request } = setUp();
    const synced: string[] = [];
    const handle = await open(request.cacheFolder ?? '');
    const prototype: FileHandle = Object.getPrototypeOf(handle);
    await handle.close();
    const { sync } = prototype;
    const spy = vi.spyOn(prototype, 'sync').mockImplementation(function (this: FileHandle) {
      synced.push(readlinkSync(`/proc/self/fd/${this.fd}`));
      return sync.call(this);
    });
    const { manifest } = await offlineModelFor(source, request).finally(() => spy.mockRestore());
    const inside = synced.filter((path) => path.includes('.part/')).map((path) => path.split('.part/')[1]);
    expect(inside).toEqual(expect.arrayContaining(manifest.files.map(({ path }) => path)));
    expect(synced.at(-1)).toMatch(/\.part$/);
  });

  it('is compiled once by two processes that want it at once', async () => {
    const { compiler, request } = setUp(`setTimeout(() => { ${succeed} }, 500);`);
    const folder = temporaryFolder();
    const { bytes, folder: weights, files } = await source.onnx({ ...request, batch: 'symbolic' });
    writeFileSync(join(folder, 'graph.onnx'), bytes);
    const script = join(folder, 'caller.mjs');
    writeFileSync(
      script,
      `import { readFileSync } from 'node:fs';
import { offlineModelFor } from ${JSON.stringify(await builtModule('offline-model-for'))};
const source = {
  key: 'k',
  fingerprint: async () => 'f',
  describe: () => ({ id: 'model', synthetic: true }),
  onnx: async () => ({ bytes: readFileSync(${JSON.stringify(join(folder, 'graph.onnx'))}), folder: ${JSON.stringify(weights)}, files: ${JSON.stringify(files)} }),
};
const onCompilerLine = (line) => console.log(line);
const { folder } = await offlineModelFor(source, { ...${JSON.stringify(request)}, onCompilerLine });
console.log(folder);`,
    );
    const outputs = await Promise.all([outputOf(script), outputOf(script)]);
    expect(compiler.runs()).toHaveLength(1);
    expect(outputs[0]?.at(-1)).toBe(outputs[1]?.at(-1));
    expect(outputs.flat()).toContain('webssl: another process is compiling this model; waiting for it');
  });

  it('is compiled by the one who waited, when the other fails', async () => {
    const { compiler, request } = setUp(
      'if (fs.readFileSync(__dirname + "/runs.jsonl", "utf8").split("\\n").length > 2) { ' +
        `${succeed} } else setTimeout(() => process.exit(1), 300);`,
    );
    const [first, second] = await Promise.allSettled([
      offlineModelFor(source, request),
      offlineModelFor(source, request),
    ]);
    expect([first.status, second.status].toSorted()).toEqual(['fulfilled', 'rejected']);
    expect(compiler.runs()).toHaveLength(2);
  });
});

describe('without an offline model', () => {
  it('says where it looked and which command makes one', async () => {
    withoutCompiler();
    const cacheFolder = temporaryFolder();
    const { code, message, details } = await refusal(
      offlineModelFor(source, { ...fixturePlan, cacheFolder }),
    );
    expect(code).toBe('BACKEND_MODEL_NOT_COMPILED');
    const command = `webssl export om --model testkit-fixture --soc Ascend910B4 --host-cpu ${process.arch} --batch 1,4 --precision fp32 --features cls --out Ascend910B4-fp32`;
    expect(message).toContain(command);
    expect(message).toContain('/nowhere');
    expect(details['command']).toBe(command);
    expect(readdirSync(cacheFolder)).toEqual(['fingerprints']);
  });

  it.each([
    [
      'process.exitCode = 1; console.log("E10001: Value X for parameter --soc_version is invalid.");',
      'soc-unknown',
    ],
    [
      'process.exitCode = 1; console.log("EZ3003: No supported Ops kernel and engine are found");',
      'operators-missing',
    ],
    // Nothing is believed that only looks like success.
    ['writeModel();', 'unknown'],
    [`${succeed} process.exitCode = 1;`, 'unknown'],
    ['process.kill(process.pid, "SIGKILL");', 'killed'],
    ['console.log("ATC run success");', 'result-unusable'],
    ['writeModel(Buffer.from("short")); console.log("ATC run success");', 'result-unusable'],
    ['writeModel(Buffer.alloc(300)); console.log("ATC run success");', 'result-unusable'],
    [`${succeed} fs.appendFileSync("model.om", "!");`, 'result-unusable'],
    [`${succeed} fs.rmSync("weight", { recursive: true });`, 'result-unusable'],
  ])('explains a failure: %s', async (body, kind) => {
    const { cacheFolder, request } = setUp(body);
    const { code, message, details } = await refusal(offlineModelFor(source, request));
    expect(code).toBe('BACKEND_COMPILE_FAILED');
    expect(details['kind']).toBe(kind);
    const log = String(details['log']);
    expect(message).toContain(log);
    expect(readFileSync(log, 'utf8')).toContain('ATC start working now');
    const [place = ''] = readdirSync(cacheFolder).filter((name) => name !== 'operators');
    expect(readdirSync(join(cacheFolder, place))).toEqual([
      expect.stringMatching(/^cann-unknown-\d+-\d+\.log$/),
    ]);
  });

  it('shows the last lines of the compiler', async () => {
    const body = 'for (let i = 0; i < 50; i++) console.log("line " + i); process.exitCode = 9;';
    const { message } = await refusal(offlineModelFor(source, setUp(body).request));
    expect(message).toMatch(
      /atc could not compile testkit-fixture for Ascend910B4 \(fp32\): .*\(exit status 9\)/,
    );
    expect(message.split('\n').slice(-2)).toEqual(['  line 48', '  line 49']);
    expect(message).not.toContain('line 30');
  });

  it('hands on what the model itself refuses', async () => {
    const { compiler, request } = setUp();
    const error = await refusal(offlineModelFor(source, { ...request, size: { height: 16, width: 16 } }));
    expect(error.code).toBe('GRAPH_PART_UNAVAILABLE');
    expect(compiler.runs()).toEqual([]);
  });

  it('ends on abort and leaves nothing', async () => {
    const { cacheFolder, request } = setUp('setInterval(() => {}, 1000);');
    const abort = new AbortController();
    const onCompilerLine = () => abort.abort(new Error('enough'));
    const error = await refusal(
      offlineModelFor(source, { ...request, onCompilerLine, signal: abort.signal }),
    );
    expect(error.code).toBe('BACKEND_ABORTED');
    expect(error.cause).toEqual(new Error('enough'));
    const [place = ''] = readdirSync(cacheFolder).filter((name) => name !== 'operators');
    expect(readdirSync(join(cacheFolder, place))).toEqual([
      expect.stringMatching(/^cann-unknown-\d+-\d+\.log$/),
    ]);
  });

  it('gives up waiting for another on abort', async () => {
    const { request } = setUp(`setTimeout(() => { ${succeed} }, 1000);`);
    const first = offlineModelFor(source, request);
    const abort = new AbortController();
    const onCompilerLine = () => abort.abort();
    const second = offlineModelFor(source, { ...request, onCompilerLine, signal: abort.signal });
    const results = await Promise.allSettled([first, second]);
    expect(results.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected']);
  });

  it('says when the cache cannot be written', async () => {
    const { request } = setUp();
    const file = join(temporaryFolder(), 'file');
    writeFileSync(file, '');
    const { code, message } = await refusal(offlineModelFor(source, { ...request, cacheFolder: file }));
    expect(code).toBe('BACKEND_FOLDER_UNWRITABLE');
    expect(message).toMatch(/cacheFolder.*WEBSSL_CACHE/);
  });
});

describe('the cache folder', () => {
  it.each([
    [{ WEBSSL_CACHE: '/w', XDG_CACHE_HOME: '/x', HOME: '/h' }, '/w/ascend'],
    [{ XDG_CACHE_HOME: '/x', HOME: '/h' }, '/x/webssl/ascend'],
    [{ HOME: '/h' }, '/h/.cache/webssl/ascend'],
  ])('of %j is %s', (environment, folder) => {
    expect(defaultCacheFolder(environment)).toBe(folder);
  });
});

function outputOf(script: string): Promise<readonly string[]> {
  const child = spawn(process.execPath, [script], { stdio: ['ignore', 'pipe', 'inherit'] });
  let text = '';
  child.stdout.setEncoding('utf8').on('data', (part: string) => {
    text += part;
  });
  return new Promise((resolve) => child.once('close', () => resolve(text.trimEnd().split('\n'))));
}
