import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { writeSafetensors } from '@webssl/tensor-files';
import { goldenCheckpoint, goldenImage } from '@webssl-tooling/fixtures';
import { beforeAll, describe, expect, it } from 'vitest';
import { type CommandResult, webssl } from './testing/run-command.js';
import { temporaryFolder } from './testing/temporary-folder.js';

const cwd = temporaryFolder();
const model = ['--model', goldenCheckpoint('vit-tiny-p14')];
const images = [goldenImage('rocket.jpg'), goldenImage('chelsea.png')];
const comparison = ['--candidate', 'cpu', '--candidate-threads', '1', '--batch', '1,2'];
const quick = ['--min-time', '0.02', '--iterations', '2'];
const run = (...parameters: string[]) => webssl(parameters, { cwd });
const check = (log: string, ...parameters: string[]) => {
  const file = join(cwd, `check-${Math.random()}.txt`);
  writeFileSync(file, log);
  return run('check', file, ...parameters);
};

describe('four steps', () => {
  let accuracy: CommandResult;
  let performance: CommandResult;
  beforeAll(async () => {
    accuracy = await run('accuracy', ...images, ...model, ...comparison);
    performance = await run(
      'perf',
      ...model,
      '--device',
      'cpu',
      '--device',
      'cpu',
      '--candidate-threads',
      '1',
      '--batch',
      '1,2',
      ...quick,
    );
  });

  it('print a log of records, and the verdict beside it', () => {
    expect(accuracy).toMatchObject({ code: 0, stderr: expect.stringMatching(/RESULT: PASS\s*$/) });
    expect(performance).toMatchObject({ code: 0 });
    for (const { stdout } of [accuracy, performance]) {
      const lines = stdout.trimEnd().split('\n');
      expect(lines[0]).toMatch(/^run\.plan .*schema=1/);
      expect(lines.at(-1)).toMatch(/^run\.end .*status=complete/);
      expect(lines.every((line) => /^(run|accuracy|performance)\.[a-z_]+ run=/.test(line))).toBe(true);
    }
    // Two images, alone and in a batch of two, each with all tokens and the CLS token.
    expect(accuracy.stdout.match(/^accuracy\.image /gm)).toHaveLength(8);
    expect(performance.stdout.match(/^performance\.batch /gm)).toHaveLength(4);
  });

  it('come to PASS when the logs are joined, in either order', async () => {
    for (const log of [accuracy.stdout + performance.stdout, performance.stdout + accuracy.stdout]) {
      const { code, stdout } = await check(log);
      expect(stdout).toMatch(/\nRESULT: PASS\n$/);
      expect(code).toBe(0);
    }
  });

  it('come to FAIL when a bound does not hold, a run is missing or another device was measured', async () => {
    const log = accuracy.stdout + performance.stdout;
    const other = await run('perf', ...model, '--batch', '1', ...quick);
    const failures: [string, string[], RegExp][] = [
      [log, ['--min-throughput', '1e9'], /^FAIL/m],
      [log, ['--max-latency', '1e-6'], /^FAIL/m],
      [log, ['--min-speedup', '1e6'], /^FAIL/m],
      [accuracy.stdout, [], /^MISSING.*performance/m],
      [performance.stdout, [], /^MISSING.*accuracy/m],
      [accuracy.stdout + other.stdout, [], /^FAIL.*device/m],
      ['', [], /^(FAIL|MISSING)/m],
    ];
    for (const [text, parameters, reason] of failures) {
      const { code, stdout } = await check(text, ...parameters);
      expect(stdout).toMatch(reason);
      expect(stdout).toMatch(/\nRESULT: FAIL\n$/);
      expect(code).toBe(1);
    }
  });

  it('are judged alone where only one is expected', async () => {
    expect(await check(accuracy.stdout, '--expect', 'accuracy')).toMatchObject({ code: 0 });
    expect(await check(performance.stdout, '--expect', 'performance')).toMatchObject({ code: 0 });
  });

  it('take bounds from a file, which options win over', async () => {
    const thresholds = join(cwd, 'thresholds.json');
    writeFileSync(thresholds, JSON.stringify({ minImagesPerSecond: 1e9 }));
    const log = accuracy.stdout + performance.stdout;
    expect(await check(log, '--thresholds', thresholds)).toMatchObject({ code: 1 });
    const overruled = ['--thresholds', thresholds, '--min-throughput', '0.001'];
    expect(await check(log, ...overruled)).toMatchObject({ code: 0 });
  });

  it('give no verdict, and code 2, when a file cannot be used', async () => {
    expect(await run('check', 'nothing.txt')).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/^CHECK_FILE_UNREADABLE: nothing\.txt/),
    });
    const thresholds = join(cwd, 'wrong.json');
    writeFileSync(thresholds, '{"maxNMSE": 1}');
    expect(await check('', '--thresholds', thresholds)).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/^CHECK_THRESHOLDS_INVALID: .*maxNMSE/),
    });
  });
});

it('records as JSON are a log too', async () => {
  const { stdout } = await run('accuracy', images[0] ?? '', ...model, ...comparison, '--json');
  for (const line of stdout.trimEnd().split('\n')) expect(JSON.parse(line)).toHaveProperty('record');
  expect(await check(stdout, '--expect', 'accuracy')).toMatchObject({ code: 0 });
});

it('tensors that were kept are compared without a device, and differ by the same', async () => {
  const { stdout: measured } = await run(
    'accuracy',
    images[0] ?? '',
    ...model,
    ...comparison,
    '--save',
    'kept',
  );
  const compared = await run(
    'accuracy',
    '--compare',
    join('kept', 'reference.safetensors'),
    join('kept', 'candidate.safetensors'),
  );
  expect(compared).toMatchObject({ code: 0 });
  const nmse = (text: string, record: RegExp) => /\bnmse=(\S+)/.exec(record.exec(text)?.[0] ?? '')?.[1];
  const expected = nmse(measured, /^accuracy\.image .*batch=1 .*tensor=last_hidden_state.*$/m);
  expect(expected).toBeDefined();
  expect(nmse(compared.stdout, /^accuracy\.tensor .*tensor=last_hidden_state .*$/m)).toBe(expected);
  expect(await check(compared.stdout, '--expect', 'comparison')).toMatchObject({ code: 0 });
});

it('tensors of synthetic weights say so when they are compared', async () => {
  const tensors = { cls: { dims: [2], data: Float32Array.of(1, 2) } };
  await writeSafetensors(join(cwd, 'plain.safetensors'), tensors);
  await writeSafetensors(join(cwd, 'synthetic.safetensors'), tensors, { synthetic: 'true' });
  const { code, stdout, stderr } = await run(
    ...['accuracy', '--compare', 'synthetic.safetensors', 'plain.safetensors'],
  );
  expect(code).toBe(0);
  expect(stdout).toMatch(/^run\.plan .*synthetic=true/m);
  expect(stderr).toMatch(/^PASS\s+compared tensors .*synthetic weights$/m);
});

it('an error of 0.25 % is within 1 % and over 0.1 %', async () => {
  // Every value is 1.05 times the reference's: sum((0.05 x)^2) / sum(x^2) = 0.0025.
  const dims = [1, 3, 2];
  const values = [1, -2, 3, 0.5, 4, -1];
  const file = (name: string, factor: number) =>
    writeSafetensors(join(cwd, name), {
      last_hidden_state: { dims, data: Float32Array.from(values, (value) => value * factor) },
    });
  await file('one.safetensors', 1);
  await file('other.safetensors', 1.05);
  const compare = ['accuracy', '--compare', 'one.safetensors', 'other.safetensors'];
  const { code, stdout } = await run(...compare);
  expect(code).toBe(0);
  expect(Number(/ nmse=(\S+)/.exec(stdout)?.[1])).toBeCloseTo(0.0025, 7);
  expect(await run(...compare, '--max-nmse', '0.1%')).toMatchObject({
    code: 1,
    stderr: expect.stringMatching(/^FAIL\s+NMSE of the tensors\s+0\.0025 \(0\.25 %\)/m),
  });
  expect(await check(stdout, '--expect', 'comparison', '--max-nmse', 'fp16')).toMatchObject({ code: 1 });
});

it('all of it in one command ends in a report', async () => {
  const { code, stdout, stderr } = await run(
    'evaluate',
    ...images,
    ...model,
    ...comparison,
    ...quick,
    '--layers',
    '--stability',
    '2',
    '--end-to-end',
    '--out',
    'results',
  );
  expect({ code, stderr }).toMatchObject({ code: 0, stderr: expect.stringMatching(/RESULT: PASS/) });
  expect(readFileSync(join(cwd, 'results', 'log.txt'), 'utf8')).toBe(stdout);
  expect(readFileSync(join(cwd, 'results', 'report.html'), 'utf8')).toMatch(/^<!doctype html>/i);
  expect(readFileSync(join(cwd, 'results', 'report.md'), 'utf8')).toContain('PASS');
  expect(JSON.parse(readFileSync(join(cwd, 'results', 'results.json'), 'utf8'))).toMatchObject({
    verdict: { result: 'PASS' },
  });
  expect(await run('check', join('results', 'log.txt'))).toMatchObject({ code: 0 });
});

it('one bad image fails the verdict and takes no other down', async () => {
  const bad = join(cwd, 'bad.jpg');
  writeFileSync(bad, 'no image');
  const { code, stdout } = await run('accuracy', images[0] ?? '', bad, ...model, ...comparison);
  expect(code).toBe(1);
  expect(stdout).toMatch(/^run\.error .*index=1.*bad\.jpg/m);
  expect(stdout).toMatch(/^accuracy\.image .*index=0/m);
  expect(stdout).toMatch(/^run\.end .*status=complete/m);
});

describe('a run that ends early', () => {
  const long = ['perf', ...model, '--batch', '1,2', '--min-time', '600'];

  it('says in its log that it was interrupted', async () => {
    const { code, stdout, stderr } = await webssl(long, {
      cwd,
      signalAfter: { text: '\n', signal: 'SIGINT' },
    });
    expect({ code, stderr }).toMatchObject({ code: 130, stderr: expect.stringMatching(/incomplete/) });
    expect(stdout).toMatch(/^run\.end .*status=interrupted.*\n$/m);
    expect(await check(stdout, '--expect', 'performance')).toMatchObject({
      code: 1,
      stdout: expect.stringMatching(/interrupted/),
    });
  });

  it('fails too when it could not say so', async () => {
    const { signal, stdout } = await webssl(long, { cwd, signalAfter: { text: '\n', signal: 'SIGKILL' } });
    expect(signal).toBe('SIGKILL');
    expect(await check(stdout, '--expect', 'performance')).toMatchObject({ code: 1 });
  });

  it('leaves a report of what there is', async () => {
    const parameters = ['evaluate', ...model, ...comparison, '--min-time', '600', '--out', 'interrupted'];
    const signalAfter = { text: '\naccuracy.image ', signal: 'SIGINT' } as const;
    const { code, stderr } = await webssl(parameters, { cwd, signalAfter });
    expect({ code, stderr }).toMatchObject({ code: 130, stderr: expect.stringMatching(/report says FAIL/) });
    expect(readFileSync(join(cwd, 'interrupted', 'log.txt'), 'utf8')).toMatch(/status=interrupted/);
    expect(readFileSync(join(cwd, 'interrupted', 'report.md'), 'utf8')).toContain('FAIL');
  });
});

it('a mistyped device leaves an earlier report as it is', async () => {
  const out = ['--out', 'kept'];
  const evaluate = (device: string) =>
    run(
      'evaluate',
      images[0] ?? '',
      ...model,
      '--candidate',
      device,
      '--candidate-threads',
      '1',
      ...quick,
      ...out,
    );
  expect(await evaluate('cpu')).toMatchObject({ code: 0 });
  const report = readFileSync(join(cwd, 'kept', 'report.md'), 'utf8');
  const { code, stderr } = await run('evaluate', ...model, '--candidate', 'gpu', ...out);
  expect({ code, stderr }).toMatchObject({ code: 2, stderr: expect.stringContaining('BACKEND_UNKNOWN') });
  expect(stderr).not.toContain('What was measured');
  expect(readFileSync(join(cwd, 'kept', 'report.md'), 'utf8')).toBe(report);
});

describe('what cannot be begun gives code 2 and says why', () => {
  it.each([
    [['accuracy', ...model], /^EVALUATION_OPTION_INVALID: Name the device/],
    [['accuracy', ...model, '--candidate', 'gpu'], /^BACKEND_UNKNOWN/],
    [['accuracy', ...model, '--candidate', 'npu'], /^DEVICE_UNAVAILABLE/],
    [['accuracy', ...model, '--candidate', 'cpu', '--batch', '0'], /Write batch sizes/],
    [['accuracy', '--compare', 'one.safetensors'], /^EVALUATION_OPTION_INVALID: --compare takes two/],
    [['perf', ...model, '--device', 'cpu', '--device', 'cpu'], /^EVALUATION_OPTION_INVALID/],
    [['evaluate', ...model], /--candidate/],
    [
      ['evaluate', ...model, '--candidate', 'cpu', '--out', '/dev/null/results'],
      /^EVALUATION_OUTPUT_UNWRITABLE/,
    ],
    [['check', '--expect', 'speed'], /Write some of/],
  ] as const)('%j', async (parameters, reason) => {
    const { code, stderr } = await run(...parameters);
    expect(
      stderr
        .split('\n')
        .filter((line) => !line.startsWith('No images named'))
        .join('\n'),
    ).toMatch(reason);
    expect(code).toBe(2);
  });
});
