import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { buildAscendSimulator } from '@webssl-tooling/ascend-simulator';
import { goldenCheckpoint } from '@webssl-tooling/fixtures';
import { describe, expect, it } from 'vitest';
import { webssl } from './testing/run-command.js';
import { temporaryFolder } from './testing/temporary-folder.js';

const folder = temporaryFolder();
const tiny = goldenCheckpoint('vit-tiny-p14');
const common = ['export', 'om', '--model', tiny, '--soc', 'Ascend910B4'];

/** The command in a folder of its own, where nothing of CANN is. */
function run(parameters: readonly string[], more: NodeJS.ProcessEnv = {}) {
  const cwd = mkdtempSync(join(folder, 'run-'));
  const environment = {
    PATH: '/usr/bin:/bin',
    ASCEND_HOME_PATH: '',
    WEBSSL_CACHE: join(folder, 'cache'),
    ...more,
  };
  return webssl(parameters, { cwd, environment }).then((result) => ({ ...result, cwd }));
}

/** A program in the place of `atc`: what is tested here is the command around it. */
function compiler(body: string): string {
  const path = join(mkdtempSync(join(folder, 'compiler-')), 'atc');
  writeFileSync(
    path,
    `#!${process.execPath}\nconst fs = require('node:fs');\nconsole.log('ATC start working now');\n${body}`,
  );
  chmodSync(path, 0o755);
  return path;
}

const success = `
const header = Buffer.alloc(256);
header.write('IMOD');
fs.mkdirSync('weight');
fs.writeFileSync('weight/weight_0', 'numbers');
fs.writeFileSync('model.om', header);
console.log('ATC run success, welcome to the next use.');`;

describe('webssl export om', () => {
  it('compiles where the compiler is, and shows what it writes', async () => {
    const atc = compiler(success);
    const { code, stdout, stderr, cwd } = await run([
      ...common,
      '--compiler',
      atc,
      '--batch',
      '8,1',
      '--out',
      'om',
    ]);
    expect(code).toBe(0);
    expect(stdout).toContain(`${tiny} for Ascend910B4 in fp32: ${join(cwd, 'om')} (`);
    expect(stdout).toContain('images of 224 x 224, batches of 1, 8; last_hidden_state\n');
    expect(stderr).toContain('ATC start working now');
    const manifest = JSON.parse(readFileSync(join(cwd, 'om', 'webssl-offline-model.json'), 'utf8'));
    expect(manifest).toMatchObject({ tokens: 'all', batchSizes: [1, 8], precision: 'fp32' });
  });

  it.each([
    ['cls', ['last_hidden_state'], 'cls'],
    ['mean,patches', ['last_hidden_state'], 'patches'],
    ['cls,attentions.0', ['attentions.0', 'last_hidden_state'], 'cls'],
    ['cls,mean', ['last_hidden_state'], 'all'],
  ])('makes a graph of no more than the features %s need', async (features, outputs, tokens) => {
    const { cwd } = await run([...common, '--onnx-only', '--features', features, '--out', 'om']);
    const file = join(cwd, 'om', 'webssl-offline-model.pending.json');
    const pending = JSON.parse(readFileSync(file, 'utf8'));
    expect({ outputs: pending.outputs.toSorted(), tokens: pending.tokens }).toEqual({ outputs, tokens });
  });

  it('writes what the compiler needs where it is not, and takes the result', async () => {
    const { code, stdout, cwd } = await run([
      ...common,
      '--precision',
      'fp16',
      '--image-size',
      '28x42',
      '--host-cpu',
      'arm64',
      '--out',
      'om',
    ]);
    expect(code).toBe(0);
    expect(stdout).toContain('not compiled: that takes atc');
    expect(stdout).toContain(
      '\n  atc --framework=5 --model=onnx/model.onnx --output=model --soc_version=Ascend910B4 --host_env_os=linux --host_env_cpu=aarch64 --input_format=NCHW ' +
        '--input_shape=pixel_values:-1,3,28,42 --dynamic_batch_size=1,4,8,16 --precision_mode_v2=fp16 ',
    );
    const early = await run(['export', 'om', '--adopt', join(cwd, 'om')]);
    expect(early).toMatchObject({ code: 1, stdout: '' });
    expect(early.stderr).toContain('BACKEND_OFFLINE_MODEL_INVALID');

    const atc = compiler(success);
    execFileSync(join(cwd, 'om', 'compile.sh'), { env: { PATH: `${join(atc, '..')}:/usr/bin:/bin` } });
    const adopted = await run(['export', 'om', '--adopt', join(cwd, 'om')]);
    expect(adopted.code).toBe(0);
    expect(adopted.stdout).toContain(`in fp16: ${join(folder, 'cache', 'ascend')}`);
    expect(adopted.stdout).toContain('images of 28 x 42');
  });

  it('overwrites nothing', async () => {
    const out = join(folder, 'taken');
    mkdirSync(out);
    writeFileSync(join(out, 'mine'), '');
    const { code, stderr } = await run([...common, '--onnx-only', '--out', out]);
    expect(code).toBe(1);
    expect(stderr).toMatch(/^BACKEND_FOLDER_EXISTS: .*taken is there already/m);
    expect(readdirSync(out)).toEqual(['mine']);
  });

  it('fails clearly where no NPU can be asked', async () => {
    const { code, stdout, stderr, cwd } = await run(['export', 'om', '--model', tiny, '--out', 'om']);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toMatch(/^DEVICE_UNAVAILABLE: .*--soc Ascend910B4/m);
    expect(readdirSync(cwd)).toEqual([]);
  });

  it.each([
    [[], /name the folder to make with --out, or one to take with --adopt/],
    [['--out', 'a', '--adopt', 'b'], /name the folder/],
    [['--out', 'a', '--batch', '0'], /Write batch sizes separated by commas/],
    [['--out', 'a', '--precision', 'int8'], /Allowed choices are fp32, fp16, mixed/],
    [['--out', 'a', '--features', 'pooler'], /FEATURE_UNKNOWN: .*"pooler"/],
    [['--out', 'a', '--image-size', '225'], /GRAPH_SIZE_INVALID/],
  ])('answers a wrong command line with 2: %j', async (parameters, message) => {
    const { code, stderr, cwd } = await run([...common, ...parameters]);
    expect(stderr).toMatch(message);
    expect(code).toBe(2);
    expect(readdirSync(cwd)).toEqual([]);
  });

  it.each([
    ['--soc', 'Ascend910B4'],
    ['--batch', '1'],
    ['--precision', 'fp32'],
    ['--onnx-only'],
    ['--model', tiny],
  ])('takes no %s for a model that is made already', async (...given) => {
    const { code, stderr } = await run(['export', 'om', '--adopt', 'om', ...given]);
    expect(code).toBe(2);
    expect(stderr).toContain(`leave out ${given[0]}, `);
  });

  it('explains a failure of the compiler and leaves its log', async () => {
    const atc = compiler(
      'console.log("E10501: IR for Op a with optype Erf is not registered."); process.exitCode = 1;',
    );
    const { code, stderr, cwd } = await run([...common, '--compiler', atc, '--out', 'om']);
    expect(code).toBe(1);
    expect(stderr).toMatch(
      /BACKEND_COMPILE_FAILED: .* \(E10501, exit status 1\)\. Install the operator package/,
    );
    expect(readdirSync(cwd)).toEqual(['om.atc.log']);
  });

  it('leaves nothing behind when it is interrupted', async () => {
    const atc = compiler('process.kill(Number(process.ppid), "SIGINT"); setInterval(() => {}, 1000);');
    const { code, cwd } = await run([...common, '--compiler', atc, '--out', 'om']);
    expect(code).toBe(130);
    expect(readdirSync(cwd)).toEqual([]);
  });
});

const built = buildAscendSimulator();
const why = 'missing' in built ? ` (not here: ${built.missing})` : '';

describe.skipIf('missing' in built)(`webssl export om with the simulator${why}`, () => {
  it('compiles for the NPU of this machine', async () => {
    if ('missing' in built) throw new Error(built.missing);
    const { compiler, library, environment } = built.simulator;
    const parameters = [
      'export',
      'om',
      '--model',
      tiny,
      '--compiler',
      compiler,
      '--batch',
      '1,2',
      '--out',
      'om',
    ];
    const { code, stdout, stderr } = await run(parameters, {
      ...environment({ soc: 'Ascend310P3' }),
      ACL_LIB: library,
    });
    expect({ code, stderr }).toMatchObject({ code: 0, stderr: expect.stringContaining('ATC run success') });
    expect(stdout).toContain(`${tiny} for Ascend310P3 in fp32: `);
  });
});
