import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { fixtureModel } from '@webssl/backend/testkit';
import { type AclNativeOptions, aclNative } from '@webssl/backend-acl-native';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { socOf } from './ask-library.js';
import { loadKoffi } from './load-koffi.js';
import { missingSimulator, SimulatedAscend } from './testing/simulated-ascend.js';

const options = { size: { height: 12, width: 12 }, outputs: ['last_hidden_state'] } as const;
const folder = mkdtempSync(join(tmpdir(), 'webssl-acl-native-'));
afterAll(() => rmSync(folder, { recursive: true }));

describe('options out of range are refused', () => {
  it.each([
    [{ device: -1 }, 'device must be a whole number of at least 0'],
    [{ device: 0.5 }, 'device'],
    [{ batchSizes: [] }, 'batchSizes must be 1 to 100 different whole numbers of at least 1'],
    [{ batchSizes: [0] }, 'batchSizes'],
    [{ batchSizes: [4, 4] }, 'batchSizes'],
    [{ batchSizes: 4 }, 'batchSizes'],
    [{ batchSizes: Array.from({ length: 101 }, (_, index) => index + 1) }, 'batchSizes'],
    [{ library: '' }, 'library must be a path'],
    [{ compiler: 7 }, 'compiler'],
    [{ offlineModel: '' }, 'offlineModel'],
    [{ cacheFolder: '' }, 'cacheFolder'],
    [{ isolation: 'none' }, "isolation must be 'process' or 'thread'"],
    [{ deadlineMilliseconds: 0 }, 'deadlineMilliseconds'],
    [{ openDeadlineMilliseconds: -5 }, 'openDeadlineMilliseconds'],
  ])('%j', (wrong, message) => {
    expect(() => aclNative(wrong as AclNativeOptions)).toThrow(
      expect.objectContaining({ code: 'BACKEND_OPTION_INVALID', message: expect.stringContaining(message) }),
    );
  });
});

it('a precision that no offline model has is refused', async () => {
  await expect(aclNative().open(fixtureModel(), { ...options, precision: 'int8' })).rejects.toMatchObject({
    code: 'BACKEND_PRECISION_UNSUPPORTED',
    details: { supported: ['fp32', 'fp16', 'mixed'] },
  });
});

it('without the binary of koffi it says what to install', async () => {
  const missing = new Error('Cannot find the native Koffi module');
  await expect(loadKoffi(() => Promise.reject(missing))).rejects.toMatchObject({
    code: 'BACKEND_LIBRARY_MISSING',
    message: expect.stringContaining('--omit=optional'),
    cause: missing,
  });
});

describe('a library that cannot be used is reported, with what to do, by the probe and by open', () => {
  async function expectReport(library: string, reason: RegExp, advice: RegExp) {
    const backend = aclNative({ library });
    expect(await backend.probe()).toEqual({
      usable: false,
      code: 'BACKEND_LIBRARY_MISSING',
      reason: expect.stringMatching(reason),
      advice: expect.stringMatching(advice),
    });
    await expect(backend.open(fixtureModel(), options)).rejects.toMatchObject({
      code: 'BACKEND_LIBRARY_MISSING',
      message: expect.stringMatching(reason),
      details: {
        advice: expect.stringMatching(advice),
        problem: expect.any(String),
        searched: expect.arrayContaining([expect.stringContaining(library)]),
      },
    });
  }

  it('because it is not in the folder', () =>
    expectReport(folder, /there is no \S+libascendcl\.so, no \S+libacl_rt\.so/, /set_env\.sh/));

  it('because it is not there', () =>
    expectReport(join(folder, 'none.so'), /there is no \S+none\.so/, /Install CANN/));

  it('because it is no library', () => {
    const file = join(folder, 'text.so');
    writeFileSync(file, 'This is text.');
    return expectReport(file, /text\.so is no shared library/, /no library/);
  });

  it('because it is for another processor', () => {
    const header = Buffer.alloc(64);
    header.write('\x7fELF\x02\x01', 'latin1');
    header.writeUInt16LE(process.arch === 'arm64' ? 62 : 183, 18);
    const file = join(folder, 'other.so');
    writeFileSync(file, header);
    return expectReport(file, /is for another processor \((?:arm64|x64), 64 bits\)/, /for this processor/);
  });

  it.skipIf(process.getuid?.() === 0)('because it may not be read (not as root)', () => {
    const file = join(folder, 'secret.so');
    writeFileSync(file, '');
    chmodSync(file, 0);
    return expectReport(file, /may not be read by this user/, /Let this user read/);
  });

  const compiler = findCompiler();
  describe.skipIf(compiler === undefined)('(with a compiler)', () => {
    it('because what it needs is not found: set_env.sh was not sourced', () => {
      compile('libneeded.so', 'int needed(void) { return 1; }');
      const file = compile('needing.so', 'int needed(void); int aclInit(void) { return needed(); }', [
        `-L${folder}`,
        '-lneeded',
      ]);
      rmSync(join(folder, 'libneeded.so'));
      return expectReport(
        file,
        /needs libneeded\.so, which the loader does not find/,
        /set_env\.sh of CANN was not/,
      );
    });

    it('because it is not AscendCL', () => {
      const file = compile('other-library.so', 'int aclInit(const char *path) { return 0; }');
      return expectReport(
        file,
        /other-library\.so lacks aclGetRecentErrMsg, .* more/,
        /version 8\.0 or newer/,
      );
    });
  });

  function compile(name: string, source: string, flags: readonly string[] = []): string {
    const file = join(folder, name);
    writeFileSync(`${file}.c`, source);
    execFileSync(compiler ?? 'cc', ['-shared', '-fPIC', '-o', file, `${file}.c`, ...flags]);
    return file;
  }
});

describe.skipIf(missingSimulator)(
  `on the simulator${missingSimulator ? ` (${missingSimulator})` : ''}`,
  () => {
    let ascend: SimulatedAscend;
    beforeAll(() => {
      ascend = new SimulatedAscend();
    });
    afterEach(() => {
      ascend.configure({});
      delete process.env['ACL_LIB'];
    });
    afterAll(() => ascend?.dispose());

    it('the probe tells devices, memory, library and SoC, and that they are simulated', async () => {
      ascend.configure({ devices: 2, soc: 'Ascend310P3', memoryBytes: 2 ** 29 });
      expect(await ascend.backend().probe()).toEqual({
        usable: true,
        library: expect.stringMatching(/^AscendCL \d+\.\d+\.\d+, CANN \d/),
        devices: [0, 1].map((index) => ({
          index,
          name: 'Ascend310P3 (simulator)',
          freeMemoryBytes: 2 ** 29,
          totalMemoryBytes: 2 ** 29,
        })),
        details: {
          libraryPath: ascend.simulator.library,
          soc: 'Ascend310P3',
          cannVersion: expect.any(String),
          simulator: true,
        },
      });
    });

    it('the library is found by ACL_LIB, as a file or as a folder', async () => {
      const { library } = ascend.simulator;
      for (const path of [library, join(library, '..')]) {
        process.env['ACL_LIB'] = path;
        expect(await aclNative().probe()).toMatchObject({ usable: true, details: { libraryPath: library } });
      }
    });

    it('the library is found in two parts', async () => {
      const parts = join(folder, 'parts');
      mkdirSync(parts);
      for (const name of ['libacl_rt.so', 'libacl_mdl.so']) {
        copyFileSync(ascend.simulator.library, join(parts, name));
      }
      expect(await aclNative({ library: parts }).probe()).toMatchObject({
        usable: true,
        details: { libraryPath: `${join(parts, 'libacl_rt.so')} + ${join(parts, 'libacl_mdl.so')}` },
      });
    });

    it('the stub library is recognised', async () => {
      ascend.configure({ stubLibrary: true });
      expect(await ascend.backend().probe()).toEqual({
        usable: false,
        code: 'BACKEND_LIBRARY_MISSING',
        reason: expect.stringContaining('aclInit failed with 100039 (COMPILING_STUB_MODE)'),
        advice: expect.stringContaining('devlib or stub'),
      });
    });

    it('a machine without devices is not usable', async () => {
      ascend.configure({ faults: 'aclrtGetDeviceCount=207004' });
      expect(await ascend.backend().probe()).toMatchObject({
        usable: false,
        reason: expect.stringContaining('207004 (RT_NO_DEVICE)'),
        advice: expect.stringContaining('/dev/davinci0'),
      });
    });

    it('a library that crashes or hangs is reported', async () => {
      ascend.configure({ faults: 'aclInit=crash' });
      expect(await ascend.backend().probe()).toMatchObject({ usable: false, code: 'BACKEND_LOST' });
    });

    it('the SoC is asked once for all backends of a library, and touches no device', async () => {
      const asked = { workerEntry: countingEntry(ascend), library: ascend.simulator.library };
      const question = { ...asked, deadlineMilliseconds: 20_000 };
      ascend.configure({ devices: 8, faults: 'aclrtSetDevice#*=crash' });
      expect(await Promise.all(Array.from({ length: 8 }, () => socOf(question)))).toEqual(
        Array.from({ length: 8 }, () => 'Ascend910B4'),
      );
      expect(await socOf(question)).toBe('Ascend910B4');
      expect(readFileSync(startsOf(ascend), 'utf8')).toBe('1');
    });

    it('a failure to tell the SoC is asked again', async () => {
      const question = {
        workerEntry: countingEntry(ascend),
        library: ascend.simulator.library,
        deadlineMilliseconds: 20_001,
      };
      ascend.configure({ faults: 'aclInit=500000' });
      await expect(socOf(question)).rejects.toMatchObject({
        code: 'BACKEND_OPEN_FAILED',
        details: { policy: 'renew', ascendCode: 500_000 },
      });
      ascend.configure({ faults: 'aclInit=crash' });
      await expect(socOf(question)).rejects.toMatchObject({
        code: 'BACKEND_LOST',
        message: expect.stringMatching(/[.] The native library crashed or hangs/),
      });
      ascend.configure({});
      expect(await socOf(question)).toBe('Ascend910B4');
    });

    it('too little memory is told when opening', async () => {
      ascend.configure({ memoryBytes: 65_536 });
      await expect(ascend.backend().open(fixtureModel(), options)).rejects.toMatchObject({
        code: 'BACKEND_OUT_OF_MEMORY',
        details: { policy: 'shed', ascendCode: 207001 },
      });
    });

    it('the caller loads no native code', async () => {
      await (await ascend.backend().open(fixtureModel(), options)).close();
      const maps = readFileSync('/proc/self/maps', 'utf8');
      expect(maps).not.toContain('koffi');
      expect(maps).not.toContain('libascendcl');
    });
  },
);

/** The worker, and a mark in a file for each time that it is started. */
function countingEntry(ascend: SimulatedAscend): URL {
  const worker = import.meta.resolve('@webssl/backend-acl-native/worker');
  const entry = join(ascend.folder, 'counting-worker.mjs');
  rmSync(startsOf(ascend), { force: true });
  writeFileSync(
    entry,
    `import { appendFileSync } from 'node:fs';
appendFileSync(${JSON.stringify(startsOf(ascend))}, '1');
await import(${JSON.stringify(worker)});`,
  );
  return pathToFileURL(entry);
}

function startsOf(ascend: SimulatedAscend): string {
  return join(ascend.folder, 'starts');
}

function findCompiler(): string | undefined {
  for (const name of ['cc', 'gcc', 'clang']) {
    try {
      execFileSync(name, ['--version'], { stdio: 'ignore' });
      return name;
    } catch {
      // The next one.
    }
  }
  return undefined;
}
