import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readNpy } from '@webssl/tensor-files';
import { goldenCheckpoint, goldenImage } from '@webssl-tooling/fixtures';
import { beforeAll, describe, expect, it } from 'vitest';
import { type CommandResult, webssl } from './testing/run-command.js';
import { temporaryFolder } from './testing/temporary-folder.js';

const cwd = temporaryFolder();
const model = ['--model', goldenCheckpoint('vit-tiny-p14')];
const photograph = goldenImage('chelsea.png');
const run = (...parameters: string[]) =>
  webssl(parameters, { cwd, environment: { WEBSSL_CACHE: join(cwd, 'cache') } });

describe('tune', () => {
  let tuned: CommandResult;
  beforeAll(async () => {
    tuned = await run(
      'tune',
      goldenImage('rocket.jpg'),
      ...model,
      '--images',
      photograph,
      '--max-nmse',
      '1%',
    );
  });

  it('prints the shares of the layers, the plans that were tried, and PASS at the end', () => {
    expect(tuned).toMatchObject({ code: 0, stderr: expect.stringContaining('--device cpu:tuned uses it') });
    const lines = tuned.stdout.trimEnd().split('\n');
    expect(lines[0]).toMatch(/^layer +NMSE +CLS NMSE +most of it from/);
    expect(lines.filter((line) => /^ +[0-3] +[\d.e-]+ % /.test(line))).toHaveLength(4);
    expect(tuned.stdout).toMatch(/\nint8 as it is .* [\d.]+ % .*kept\n/);
    expect(tuned.stdout.match(/\(chosen\)/g)).toHaveLength(1);
    expect(lines.at(-1)).toMatch(/^RESULT: PASS \(bound 1 %; /);
  });

  it('draws the picture in the working folder', () => {
    expect(readFileSync(join(cwd, 'webssl-tune.svg'), 'utf8')).toContain('</svg>');
  });

  it('makes a plan that embed and evaluate use', async () => {
    const out = (name: string) => ['--out', join(cwd, name)];
    const embedded = await run('embed', photograph, ...model, '--device', 'cpu:tuned', ...out('tuned.npy'));
    expect(embedded).toMatchObject({ code: 0 });
    expect((await readNpy(join(cwd, 'tuned.npy'))).dims).toEqual([1, 64]);
    const { device } = JSON.parse(readFileSync(join(cwd, 'tuned.npy.json'), 'utf8'));
    const { derived } = JSON.parse((await run('models', 'list', '--json')).stdout);
    const plan = derived.find(({ kind }: { kind: string }) => kind === 'plan');
    expect(plan).toMatchObject({ bound: 0.01, size: { height: 224, width: 224 } });
    expect(device).toContain(`weights by recipe ${plan.recipe}`);
    const quick = ['--batch', '1,2', '--min-time', '0.02', '--iterations', '2'];
    const evaluated = await run(
      'evaluate',
      photograph,
      ...model,
      '--candidate',
      'cpu:tuned',
      ...quick,
      ...out('results'),
    );
    expect(evaluated).toMatchObject({ code: 0, stderr: expect.stringContaining('RESULT: PASS') });
    expect(readFileSync(join(cwd, 'results', 'report.md'), 'utf8')).toContain('tuned');
  });

  it('as JSON has the same figures', async () => {
    const { code, stdout, stderr } = await run(
      'tune',
      photograph,
      ...model,
      '--json',
      '--picture',
      'other.svg',
    );
    expect(code).toBe(0);
    expect(stderr).toContain('RESULT: PASS (bound 0.5 %;');
    expect(JSON.parse(stdout)).toMatchObject({
      verdict: 'PASS',
      bound: 0.005,
      images: [photograph],
      layers: [{ layer: 0 }, { layer: 1 }, { layer: 2 }, { layer: 3 }],
      plan: { format: 'webssl quantization plan 1' },
    });
  });
});

it('models list and models remove know what was derived from a model', async () => {
  const environment = { WEBSSL_CACHE: join(cwd, 'cache of one'), HF_HUB_CACHE: join(cwd, 'no hub cache') };
  const runHere = (...parameters: string[]) => webssl(parameters, { cwd, environment });
  const name = goldenCheckpoint('vit-tiny-p14');
  const embed = ['embed', photograph, ...model, '--device', 'cpu:int8', '--out', 'int8.npy'];
  expect(await runHere(...embed)).toMatchObject({ code: 0 });

  const listed = await runHere('models', 'list');
  expect(listed.stdout).toMatch(/\nderived from +what +recipe +size +measured of plans\n/);
  expect(listed.stdout).toContain(`${name}  int8 weights`);
  const { derived } = JSON.parse((await runHere('models', 'list', '--json')).stdout);
  expect(derived).toMatchObject([{ model: name, kind: 'int8 weights', bytes: expect.any(Number) }]);

  const removed = await runHere('models', 'remove', '--derived', name);
  expect(removed).toMatchObject({
    code: 0,
    stdout: expect.stringMatching(/derived from .* is removed, .* freed/),
  });
  expect(existsSync(derived[0].file)).toBe(false);
  const whole = await runHere('models', 'remove', name);
  expect(whole).toMatchObject({ code: 1, stderr: expect.stringContaining('is a folder of yours') });
  const again = await runHere('models', 'remove', '--derived', name);
  expect(again).toMatchObject({ code: 1, stderr: expect.stringContaining('MODEL_NOT_ON_DISK') });
});

it('a bound that nothing keeps is a FAIL with exit code 1', async () => {
  const { code, stdout } = await run(
    'tune',
    photograph,
    '--model',
    goldenCheckpoint('dinov2-tiny-p14'),
    '--max-nmse',
    '1e-7',
  );
  expect(code).toBe(1);
  expect(stdout).toMatch(/\nRESULT: FAIL \(bound 0.00001 %; no plan .*nothing was stored.*\)\n$/);
});

it('without a plan the device cpu:tuned says how to get one', async () => {
  const { code, stderr } = await run(
    'embed',
    photograph,
    '--model',
    goldenCheckpoint('dinov2-tiny-p14'),
    '--device',
    'cpu:tuned',
    '--out',
    'none.npy',
  );
  expect(code).toBe(1);
  expect(stderr).toContain('GRAPH_PLAN_MISSING');
  expect(stderr).toContain('webssl tune --model');
});

it.each([
  [
    'a folder for the picture that is not there',
    ['--picture', 'no/such/picture.svg'],
    'OUTPUT_FOLDER_MISSING',
  ],
  ['a model that is not there', ['--model', './none'], 'CHECKPOINT_FOLDER_MISSING'],
])('%s is said, with exit code 2', async (_, parameters, code) => {
  const result = await run('tune', photograph, ...model, ...parameters);
  expect(result.code).toBe(2);
  expect(result.stderr).toContain(code);
});
