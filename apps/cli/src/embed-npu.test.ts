import { randomUUID } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { nmse } from '@webssl/metrics';
import { openTensorIndex, readTensor } from '@webssl/tensor-files';
import { readCounters, type SimulatorConfiguration } from '@webssl-tooling/ascend-simulator';
import { goldenCheckpoint } from '@webssl-tooling/fixtures';
import sharp from 'sharp';
import { beforeAll, describe, expect, it } from 'vitest';
import { type CommandOptions, webssl } from './testing/run-command.js';
import {
  livingProcesses,
  machineWithAscendCl,
  machineWithProvider,
  missing,
  simulator,
} from './testing/simulated-npu.js';
import { temporaryFolder } from './testing/temporary-folder.js';

const folder = temporaryFolder();
const photos = join(folder, 'photos');
const tiny = goldenCheckpoint('vit-tiny-p14');
const count = 40;
const width = 64;
/** What the CPU computes of the photos, an image a row. */
let reference: Float32Array;

interface Run extends Pick<CommandOptions, 'signalAfter' | 'signalAfterFirstNote'> {
  readonly machine: NodeJS.ProcessEnv;
  /** Default: one for all tests. */
  readonly cache?: string;
}

/** `webssl embed` of all photos into a file of its own, in a folder of its own. */
async function embed(parameters: readonly string[], { machine, cache = 'cache', ...options }: Run) {
  const cwd = mkdtempSync(join(folder, 'run-'));
  const environment = {
    ...machine,
    WEBSSL_CACHE: join(folder, cache),
    XDG_CACHE_HOME: join(folder, cache),
  };
  const result = await webssl(['embed', photos, '--model', tiny, '--out', 'out.safetensors', ...parameters], {
    cwd,
    environment,
    ...options,
  });
  return { ...result, cwd, file: join(cwd, 'out.safetensors') };
}

async function readFeatures(file: string) {
  const { tensors, metadata } = await openTensorIndex(file);
  const cls = tensors.get('cls');
  if (cls === undefined) throw new Error(`${file} holds no cls`);
  return { data: Float32Array.from((await readTensor(cls)).data), metadata };
}

/** The largest error of an image: one that is right on the whole but has two rows exchanged is far off. */
async function largestError(file: string): Promise<number> {
  const { data } = await readFeatures(file);
  expect(data).toHaveLength(reference.length);
  const errors = Array.from({ length: count }, (_, image) => {
    const row = (values: Float32Array) => values.subarray(image * width, (image + 1) * width);
    return nmse(row(data), row(reference));
  });
  return Math.max(...errors);
}

const exact = 1e-10;
const pool = ['--device', 'acl-native@0,1', '--batch', '2'];
const poolMachine = (configuration: SimulatorConfiguration = {}) =>
  machineWithAscendCl({ devices: 2, ...configuration });

describe.skipIf(missing !== '')(`webssl embed on simulated NPUs${missing}`, () => {
  beforeAll(async () => {
    mkdirSync(photos);
    for (let index = 0; index < count; index++) {
      const data = Buffer.from(Array.from({ length: 16 * 16 * 3 }, (_, at) => (at * (index + 3) * 7) % 256));
      const name = `${String(index).padStart(2, '0')}.png`;
      await sharp(data, { raw: { width: 16, height: 16, channels: 3 } }).toFile(join(photos, name));
    }
    const { file } = await embed(['--device', 'cpu'], { machine: machineWithAscendCl() });
    reference = (await readFeatures(file)).data;
    const rows = Array.from({ length: count }, (_, image) =>
      reference.slice(image * width, (image + 1) * width),
    );
    for (const [image, row] of rows.entries())
      expect(nmse(row, rows[(image + 1) % count] ?? row)).toBeGreaterThan(1e-4);
    // Compiles for those that share the cache.
    await embed(['--device', 'npu'], { machine: machineWithAscendCl() });
  });

  describe('a device', { concurrent: true }, () => {
    it('npu is acl-native where AscendCL is; the model is compiled once', async () => {
      const run = { machine: machineWithAscendCl({ soc: 'Ascend310P3' }), cache: 'acl-native' };
      const first = await embed(['--device', 'npu'], run);
      expect(first).toMatchObject({
        code: 0,
        stderr: 'Compiling the model for the NPU with atc; for the large models that takes minutes.\n',
      });
      const device = /acl-native:fp32@0 \(Ascend310P3 \(simulator\), AscendCL \d+\.\d+\.\d+, CANN 8[\d.]*\)/;
      expect(first.stdout).toMatch(new RegExp(`^model .* on ${device.source}$`, 'm'));
      expect((await readFeatures(first.file)).metadata['device']).toMatch(device);
      expect(await largestError(first.file)).toBeLessThanOrEqual(exact);

      const second = await embed(['--device', 'npu'], run);
      expect(second).toMatchObject({ code: 0, stderr: '' });
      expect(readFileSync(second.file)).toEqual(readFileSync(first.file));
    });

    it('npu is cann-onnx where there is only an ONNX Runtime with CANN; it compiles once', async () => {
      const log = join(folder, 'provider.log');
      const run = { machine: machineWithProvider({ log }), cache: 'cann-onnx' };
      const first = await embed(['--device', 'npu'], run);
      expect(first).toMatchObject({ code: 0, stderr: '' });
      const device = /cann-onnx:fp32@0 \(Ascend NPU \(simulator\), ONNX Runtime 1[\d.]+ \(CANN provider\)\)/;
      expect(first.stdout).toMatch(new RegExp(`^model .* on ${device.source}$`, 'm'));
      expect((await readFeatures(first.file)).metadata['device']).toMatch(device);
      expect(await largestError(first.file)).toBeLessThanOrEqual(exact);

      const compiled = readFileSync(log, 'utf8').split('\n').length;
      expect((await embed(['--device', 'npu'], run)).code).toBe(0);
      const lines = readFileSync(log, 'utf8')
        .split('\n')
        .slice(compiled - 1)
        .filter(Boolean);
      expect(lines.length).toBeGreaterThan(0);
      expect(lines.filter((line) => !line.startsWith('load '))).toEqual([]);
    });

    it('cann-onnx names the SoC where AscendCL is, too', async () => {
      const machine = {
        ...machineWithAscendCl({ soc: 'Ascend310P3' }),
        ...pick(machineWithProvider(), 'WEBSSL_ONNXRUNTIME_LIBRARY'),
        LD_LIBRARY_PATH: dirname(simulator().library),
      };
      const { stdout } = await embed(['--device', 'cann-onnx'], { machine });
      expect(stdout).toContain('on cann-onnx:fp32@0 (Ascend310P3 (simulator), ONNX Runtime 1.');
    });

    it('computes in fp16 when asked to', async () => {
      const { stdout, file } = await embed(['--device', 'acl-native:fp16'], {
        machine: machineWithAscendCl(),
      });
      expect(stdout).toContain('on acl-native:fp16@0 (Ascend910B4 (simulator)');
      const error = await largestError(file);
      expect(error).toBeGreaterThan(exact);
      expect(error).toBeLessThan(1e-4);
    });

    it('runs in a thread when asked to', async () => {
      const counters = mkdtempSync(join(folder, 'counters-'));
      const machine = machineWithAscendCl({ counters });
      const { code, file } = await embed(['--device', 'acl-native', '--isolation', 'thread'], { machine });
      expect(code).toBe(0);
      expect(await largestError(file)).toBeLessThanOrEqual(exact);
      const computed = readCounters(counters).filter(({ executedImages }) => executedImages > 0);
      expect(computed).toMatchObject([{ openDeviceAllocations: 0, openStreams: 0, initialisations: 0 }]);
    });

    it.each<[string, readonly string[], NodeJS.ProcessEnv, RegExp]>([
      [
        'has too little memory',
        ['--device', 'npu'],
        missing === '' ? machineWithAscendCl({ memoryBytes: 200_000 }) : {},
        /^BACKEND_OUT_OF_MEMORY: .*Use smaller batches/m,
      ],
      [
        'is not there',
        ['--device', 'acl-native@1'],
        missing === '' ? machineWithAscendCl() : {},
        /^BACKEND_OPEN_FAILED: acl-native@1: There is no device 1/m,
      ],
    ])('that %s is a clear error', async (_what, parameters, machine, message) => {
      const { code, stdout, stderr, cwd } = await embed(parameters, { machine });
      expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
      expect(stderr).toMatch(message);
      expect(readdirSync(cwd)).toEqual([]);
    });
  });

  describe('a pool', { concurrent: true }, () => {
    it('shares the images over its devices and keeps their order', async () => {
      const counters = mkdtempSync(join(folder, 'counters-'));
      // Devices that take their time: else the shares would be those of the processor among their processes.
      const machine = poolMachine({ counters, imageMilliseconds: 60 });
      const { code, stdout, file } = await embed(pool, { machine });
      expect(code).toBe(0);
      expect(stdout).toContain('40 images embedded');
      expect(stdout).toContain('on acl-native:fp32@0,1 (Ascend910B4');
      expect(await largestError(file)).toBeLessThanOrEqual(exact);
      const shares = readCounters(counters).flatMap(({ executedImages }) => executedImages || []);
      expect(shares).toHaveLength(2);
      // Batches of 2 are padded to 4.
      expect(Math.min(...shares)).toBeGreaterThanOrEqual(count / 2);
    });

    it('says what becomes of the images when the only device is lost again, and again', async () => {
      const machine = machineWithAscendCl({ faults: 'task.execute#*=507010' });
      const { code, stderr } = await embed(['--device', 'acl-native', '--batch', '40'], { machine });
      expect(code).toBe(1);
      expect(stderr.match(/(?<=^warning: .* was lost: .*\n).*$/gm)?.slice(0, 2)).toEqual([
        'What it had is computed once more.',
        'What it had for the first time is computed once more; what was being computed once more already fails.',
      ]);
      expect(stderr).toMatch(/BACKEND_LOST: .*507010/);
    });

    it('says that images fail when the only device is defective', async () => {
      const machine = machineWithAscendCl({ faults: 'task.execute#*=507054' });
      const { code, stderr } = await embed(['--device', 'acl-native', '--batch', '40'], { machine });
      expect(code).toBe(1);
      expect(stderr).toMatch(
        /^warning: .* was lost: .*507054.*\nWhat it had fails, unless there is another/m,
      );
      expect(stderr).not.toContain('is computed once more');
    });

    // In threads of one process the plan's counts are those of both devices: one of them fails, once.
    it.each([
      [507_010, 'What it had is computed once more.'],
      [507_054, 'Going on without it.'],
    ])('goes on when one device fails half way with %i', async (code, goingOn) => {
      const machine = poolMachine({ faults: `task.execute#10=${code}` });
      const result = await embed([...pool, '--isolation', 'thread'], { machine });
      expect(result.code).toBe(0);
      const warnings = result.stderr.match(/^warning: acl-native@[01] .* was lost: .*\n.*$/gm);
      expect(warnings).toEqual([expect.stringContaining(String(code))]);
      expect(warnings?.[0]).toContain(goingOn);
      expect(await largestError(result.file)).toBeLessThanOrEqual(exact);
    });

    it.each(['process', 'thread'])(
      'of which every device is lost for good is an error (%s)',
      async (isolation) => {
        const machine = poolMachine({ faults: 'task.execute#*=507010' });
        const { code, stdout, stderr, cwd } = await embed([...pool, '--isolation', isolation], { machine });
        expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
        expect(stderr).toMatch(/^BACKEND_LOST: No device is left to compute on: .*507010/m);
        // Not one attempt for each of the 20 batches.
        expect(stderr.match(/^warning: /gm)?.length).toBeLessThan(12);
        expect(readdirSync(cwd)).toEqual([]);
      },
    );
  });

  describe('Ctrl-C', { concurrent: true }, () => {
    it('while a device computes leaves no process, no file and nothing on the device', async () => {
      const counters = mkdtempSync(join(folder, 'counters-'));
      const mark = randomUUID();
      const machine = { ...poolMachine({ counters, imageMilliseconds: 100 }), WEBSSL_TEST: mark };
      const { code, cwd } = await embed([...pool, '--json'], {
        machine,
        signalAfter: { text: '\n', signal: 'SIGINT' },
      });
      expect(code).toBe(130);
      expect(readdirSync(cwd)).toEqual([]);
      expect(livingProcesses('WEBSSL_TEST', mark)).toEqual([]);
      for (const left of readCounters(counters))
        expect(left).toMatchObject({
          openDeviceAllocations: 0,
          openModels: 0,
          openStreams: 0,
          initialisations: 0,
        });
    });

    it('while the compiler runs leaves no process and no half of a model', async () => {
      const mark = randomUUID();
      const machine = { ...machineWithAscendCl({ compilerFault: 'hang' }), WEBSSL_TEST: mark };
      const run = { machine, cache: 'interrupted', signalAfterFirstNote: 'SIGINT' } as const;
      const { code, stderr, cwd } = await embed(['--device', 'npu'], run);
      expect(stderr).toMatch(/^Compiling the model .*\nInterrupted: /);
      expect(code).toBe(130);
      expect(readdirSync(cwd)).toEqual([]);
      expect(livingProcesses('WEBSSL_TEST', mark)).toEqual([]);
      const kept = readdirSync(join(folder, 'interrupted'), { recursive: true, encoding: 'utf8' });
      expect(kept.filter((name) => /\.(?:om|onnx|part|lock)$|weight/.test(name))).toEqual([]);
    });
  });

  describe('an offline model', { concurrent: true }, () => {
    const offlineModel = join(folder, 'offline-model');

    beforeAll(async () => {
      const parameters = ['export', 'om', '--model', tiny, '--features', 'cls', '--batch', '1,4'];
      await webssl([...parameters, '--out', offlineModel], {
        cwd: folder,
        environment: machineWithAscendCl(),
      });
    });

    it('is run without the compiler', async () => {
      const machine = { ...machineWithAscendCl({ compilerFault: 'fail' }), PATH: '/usr/bin:/bin' };
      const parameters = ['--device', 'npu', '--offline-model', offlineModel];
      const { code, stderr, file } = await embed(parameters, { machine, cache: 'empty' });
      expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
      expect(await largestError(file)).toBeLessThanOrEqual(exact);
      const kept = existsSync(join(folder, 'empty'))
        ? readdirSync(join(folder, 'empty'), { recursive: true })
        : [];
      expect(kept.filter((name) => String(name).endsWith('.om'))).toEqual([]);
    });

    it.each<[string, readonly string[], SimulatorConfiguration, RegExp]>([
      [
        'another model',
        ['--model', goldenCheckpoint('dinov2-tiny-p14')],
        {},
        /other weights or config .* webssl export om --model \S*dinov2-tiny-p14 --soc Ascend910B4 /,
      ],
      [
        'another SoC',
        [],
        { soc: 'Ascend310P3' },
        /compiled for Ascend910B4, and the device is Ascend310P3\. .* --soc Ascend310P3 /,
      ],
      ['features that it lacks', ['--features', 'patches'], {}, /webssl export om .* --features patches /],
      ['another precision', ['--device', 'npu:fp16'], {}, /webssl export om .* --precision fp16 /],
      ['another size', ['--image-size', '28'], {}, /webssl export om .* --image-size 28x28 /],
    ])(
      'is refused for %s, with the command that makes one that fits',
      async (_what, more, machine, message) => {
        const parameters = ['--device', 'npu', '--offline-model', offlineModel, ...more];
        const { code, stderr, cwd } = await embed(parameters, { machine: machineWithAscendCl(machine) });
        expect(code).toBe(1);
        expect(stderr).toMatch(/^BACKEND_OFFLINE_MODEL_UNFIT: /);
        expect(stderr).toMatch(message);
        expect(readdirSync(cwd)).toEqual([]);
      },
    );

    it('is not left out in silence by a backend that takes none', async () => {
      const parameters = ['--offline-model', offlineModel, '--device'];
      const onCpu = await embed([...parameters, 'cpu'], { machine: machineWithAscendCl() });
      expect(onCpu).toMatchObject({ code: 2, stdout: '' });
      expect(onCpu.stderr).toMatch(/^DEVICE_SPECIFICATION_INVALID: .*Leave --offline-model out/);
      const withoutAscendCl = await embed([...parameters, 'npu'], { machine: machineWithProvider() });
      expect(withoutAscendCl.code).toBe(1);
      expect(withoutAscendCl.stderr).toMatch(/^BACKEND_LIBRARY_MISSING: .*libascendcl\.so.*Install CANN/);
    });
  });
});

function pick(environment: NodeJS.ProcessEnv, name: string): NodeJS.ProcessEnv {
  return { [name]: environment[name] };
}
