import { randomUUID } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { SimulatorConfiguration } from '@webssl-tooling/ascend-simulator';
import { goldenCheckpoint, goldenImage } from '@webssl-tooling/fixtures';
import { describe, expect, it } from 'vitest';
import { webssl } from './testing/run-command.js';
import {
  bareMachine,
  livingProcesses,
  machineWithAscendCl,
  machineWithProvider,
  missing,
  simulator,
} from './testing/simulated-npu.js';
import { temporaryFolder } from './testing/temporary-folder.js';

const folder = temporaryFolder();

/** What the command prints: one text a backend, by its name, and `system`. */
async function devices(environment: NodeJS.ProcessEnv): Promise<Record<string, string>> {
  const { code, stdout, stderr } = await webssl(['devices'], { cwd: folder, environment });
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  return Object.fromEntries(stdout.split('\n\n').map((text) => [/^\S+/.exec(text)?.[0], text]));
}

async function devicesAsJson(environment: NodeJS.ProcessEnv) {
  const { code, stdout, stderr } = await webssl(['devices', '--json'], { cwd: folder, environment });
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  return JSON.parse(stdout);
}

function occurrences(text: string, part: string): number {
  return text.split(part).length - 1;
}

describe('webssl devices on a machine without CANN', { concurrent: true }, () => {
  it('describes the machine and its CPU', async () => {
    const { system, cpu } = await devices(bareMachine);
    expect(system).toMatch(
      /^system .*, Node \d+\.\d+\.\d+\nprocessor .* to use\nfeatures .*\nmemory .* free$/,
    );
    expect(cpu).toMatch(
      /^cpu +usable\n {2}library +onnxruntime 1\.\d+\.\d+\n {2}path +\/.*onnxruntime_binding\.node\n {2}device 0 /,
    );
  });

  it('says where it looked for the libraries of NPUs and, once, what to do', async () => {
    const output = await devices(bareMachine);
    const places = {
      'acl-native': ['libascendcl.so', '/usr/local/Ascend/ascend-toolkit/latest/lib64/libascendcl.so'],
      'cann-onnx': ["libonnxruntime.so (the loader's search path)", '/usr/local/lib/libonnxruntime.so'],
    };
    const advice = {
      'acl-native': 'source its set_env.sh',
      'cann-onnx': 'Build ONNX Runtime with --use_cann',
    };
    for (const backend of ['acl-native', 'cann-onnx'] as const) {
      const text = output[backend] ?? '';
      expect(text).toMatch(/^\S+ +not usable \(BACKEND_LIBRARY_MISSING\)\n {2}why .*\n {2}what to do /);
      for (const place of places[backend]) expect(occurrences(text, `no ${place}`)).toBe(1);
      expect(occurrences(text, advice[backend])).toBe(1);
    }
  });

  it('gives the same as JSON', async () => {
    const { system, backends } = await devicesAsJson(bareMachine);
    expect(system).toMatchObject({ node: process.versions.node, memory: { totalBytes: expect.any(Number) } });
    expect(backends).toMatchObject([
      {
        backend: 'cpu',
        usable: true,
        details: { libraryPath: expect.stringMatching(/\.node$/) },
        devices: [{ index: 0 }],
      },
      { backend: 'acl-native', usable: false, code: 'BACKEND_LIBRARY_MISSING' },
      { backend: 'cann-onnx', usable: false, code: 'BACKEND_LIBRARY_MISSING' },
    ]);
    for (const { reason, advice } of backends.slice(1)) expect(reason).not.toContain(advice);
  });

  it('names a file that is for another processor', async () => {
    const library = join(folder, 'libascendcl.so');
    writeFileSync(library, elfHeader(process.arch === 'x64' ? 'arm64' : 'x64'));
    const { 'acl-native': text } = await devices({ ...bareMachine, ACL_LIB: library });
    expect(text).toContain(`${library} is for another processor`);
    expect(text).toContain('Install the CANN package for this processor');
  });

  it('names the file that the environment names for ONNX Runtime, and why it is none', async () => {
    const library = join(folder, 'libonnxruntime.so');
    writeFileSync(library, 'not a library');
    const environment = { ...bareMachine, WEBSSL_ONNXRUNTIME_LIBRARY: library };
    const { 'cann-onnx': text } = await devices(environment);
    expect(text).toContain(`: ${library} ($WEBSSL_ONNXRUNTIME_LIBRARY) cannot be loaded: `);
  });
});

describe('a command that needs an NPU on a machine without CANN', { concurrent: true }, () => {
  const model = goldenCheckpoint('vit-tiny-p14');

  it.each([
    [
      'embed',
      [goldenImage('china.jpg'), '--device', 'npu', '--out', 'out.npy'],
      /^ {2}(?:acl-native|cann-onnx): /gm,
    ],
    ['export', ['om', '--out', 'om'], /No Ascend NPU of this machine can be asked for its SoC: /g],
  ])('says why there is none and, once, what to do: %s', async (command, parameters, beginnings) => {
    const { code, stdout, stderr } = await webssl([command, ...parameters, '--model', model], {
      cwd: folder,
      environment: bareMachine,
    });
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toMatch(/^DEVICE_UNAVAILABLE: /);
    expect(stderr.match(beginnings)).toHaveLength(command === 'embed' ? 2 : 1);
    expect(occurrences(stderr, 'there is no libascendcl.so')).toBe(1);
    expect(occurrences(stderr, 'Install CANN')).toBe(1);
  });
});

describe.skipIf(missing !== '')(`webssl devices with simulated NPUs${missing}`, { concurrent: true }, () => {
  const ascendCl = async (configuration: SimulatorConfiguration) =>
    (await devices(machineWithAscendCl(configuration)))['acl-native'];

  it('calls a simulator one, and names SoC, memory, library and version of each device', async () => {
    const text = await ascendCl({ devices: 2, soc: 'Ascend310P3', memoryBytes: 8e9 });
    expect(text?.trim().split('\n')).toEqual([
      'acl-native     usable: A SIMULATOR, no hardware',
      expect.stringMatching(/^ {2}library {6}AscendCL \d+\.\d+\.\d+, CANN 8\.\d/),
      `  path         ${simulator().library}`,
      '  SoC          Ascend310P3',
      expect.stringMatching(/^ {2}CANN {9}8\.\d/),
      '  device 0     Ascend310P3 (simulator), 8.0 GB, 8.0 GB free',
      '  device 1     Ascend310P3 (simulator), 8.0 GB, 8.0 GB free',
    ]);
  });

  const noPermission = /failed with 207006 \(RT_NO_PERMISSION\): the user has no permission on the device/;
  const busy = /failed with 507033 \(RT_DEV_SETUP_ERROR\): .* it is busy, is being reset or failed/;

  it.each<[string, SimulatorConfiguration, RegExp, string]>([
    ['no permission', { faults: 'aclrtSetDevice#*=207006' }, noPermission, 'HwHiAiUser'],
    ['busy', { faults: 'aclrtSetDevice#*=507033' }, busy, 'Close other programs'],
  ])('explains a device that cannot be used: %s', async (_what, configuration, why, advice) => {
    const text = (await ascendCl(configuration)) ?? '';
    const [state, reason, whatToDo, library] = text.split('\n');
    expect(state).toBe('acl-native     not usable (BACKEND_OPEN_FAILED): A SIMULATOR, no hardware');
    expect(reason).toMatch(/^ {2}why +No device can be used\. Device 0: /);
    expect(reason).toMatch(why);
    expect(whatToDo).toMatch(new RegExp(`^ {2}what to do .*${advice}`));
    expect(library).toMatch(/^ {2}library +AscendCL/);
    expect(text).toMatch(/\n {2}SoC +Ascend910B4\n/);
    expect(text).toMatch(/\n {2}device 0 +Ascend910B4 \(simulator\), not usable \(BACKEND_OPEN_FAILED\)\n?$/);
  });

  it('explains one of two devices, and tells the memory of the other, as JSON too', async () => {
    const configuration = { devices: 2, memoryBytes: 8e9, faults: 'aclrtSetDevice@0=207006' };
    const lines = (await ascendCl(configuration))?.trimEnd().split('\n') ?? [];
    expect(lines[0]).toBe('acl-native     usable: A SIMULATOR, no hardware');
    expect(lines.slice(-4)).toEqual([
      '  device 0     Ascend910B4 (simulator), not usable (BACKEND_OPEN_FAILED)',
      expect.stringMatching(/^ {4}why {8}aclrtSetDevice failed with 207006/),
      expect.stringMatching(/^ {4}what to do Add the user to the group of the driver/),
      '  device 1     Ascend910B4 (simulator), 8.0 GB, 8.0 GB free',
    ]);
    const { backends } = await devicesAsJson(machineWithAscendCl(configuration));
    expect(backends[1]).toMatchObject({
      usable: true,
      devices: [
        {
          index: 0,
          unusable: { code: 'BACKEND_OPEN_FAILED', reason: expect.stringMatching(noPermission) },
        },
        { index: 1, totalMemoryBytes: 8e9 },
      ],
    });
  });

  it('gives that as JSON, with the memory in bytes', async () => {
    const { backends } = await devicesAsJson(machineWithAscendCl({ devices: 3, memoryBytes: 2 ** 31 }));
    const device = { name: 'Ascend910B4 (simulator)', totalMemoryBytes: 2 ** 31, freeMemoryBytes: 2 ** 31 };
    expect(backends[1]).toMatchObject({
      backend: 'acl-native',
      usable: true,
      details: { libraryPath: simulator().library, soc: 'Ascend910B4', simulator: true },
      devices: [0, 1, 2].map((index) => ({ index, ...device })),
    });
  });

  it('calls an ONNX Runtime with a simulated provider one', async () => {
    const environment = machineWithProvider();
    const { 'cann-onnx': text } = await devices(environment);
    expect(text).toMatch(/^cann-onnx +usable: A SIMULATOR, no hardware\n {2}library +ONNX Runtime 1\..*CANN/);
    expect(text).toContain(environment['WEBSSL_ONNXRUNTIME_LIBRARY']);
  });

  it.each<[string, SimulatorConfiguration, string, RegExp]>([
    [
      'the library to link with',
      { stubLibrary: true },
      'BACKEND_LIBRARY_MISSING',
      /100039.*stub.*what to do .*lib64 first/s,
    ],
    ['no driver', { soc: 'none' }, 'BACKEND_OPEN_FAILED', /500000.*what to do .*driver/s],
    [
      'a library that crashes',
      { faults: 'aclInit=crash' },
      'BACKEND_LOST',
      /SIGSEGV.*what to do +The native library crashed/s,
    ],
  ])('says what is wrong and what to do: %s', async (_what, configuration, code, expected) => {
    const text = await ascendCl(configuration);
    expect(text).toMatch(new RegExp(`^acl-native +not usable \\(${code}\\)\n`));
    expect(text).toMatch(expected);
    expect(text?.trim().split('\n')).toHaveLength(3);
  });

  it('waits half a minute for a library that hangs, and leaves no process with it', async () => {
    const mark = randomUUID();
    const environment = { ...machineWithAscendCl({ faults: 'aclInit=hang' }), WEBSSL_TEST: mark };
    const { cpu, 'acl-native': text } = await devices(environment);
    expect(cpu).toContain(' usable');
    expect(text).toMatch(/^acl-native +not usable \(BACKEND_LOST\)\n.*no sign of life for 12000 ms/);
    expect(livingProcesses('WEBSSL_TEST', mark)).toEqual([]);
  });
});

/** The beginning of a shared library for a processor. */
function elfHeader(architecture: 'x64' | 'arm64'): Buffer {
  const header = Buffer.alloc(64);
  header.write('\x7fELF\x02\x01\x01', 'latin1');
  header.writeUInt16LE(3, 16);
  header.writeUInt16LE(architecture === 'x64' ? 62 : 183, 18);
  return header;
}
