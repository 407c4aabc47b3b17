import { fixturePixels } from '@webssl/backend/testkit';
import { describe, expect, it } from 'vitest';
import { readCounters } from './counters.js';
import type { SimulatorConfiguration } from './simulator.js';
import { compileModel, emptyFolder, executeModel, fixtureFolder, gears, native } from './testing.js';

/** One execution of a batch of two, and the counters that its process left. */
async function execute(configuration: SimulatorConfiguration) {
  const counters = emptyFolder();
  const model = compileModel(await fixtureFolder());
  const ended = executeModel(model, fixturePixels([0, 1]).data, {
    configuration: { ...configuration, counters },
  });
  return { ...ended, counters: readCounters(counters) };
}

describe.skipIf('missing' in native)('faults and counters', () => {
  it('count nothing open after a clean end', async () => {
    const { counters } = await execute({ imageMilliseconds: 5 });
    expect(counters).toHaveLength(1);
    const [{ processId, busyNanoseconds, spanNanoseconds, peakDeviceBytes, ...rest } = { processId: 0 }] =
      counters;
    expect(processId).toBeGreaterThan(0);
    expect(busyNanoseconds).toBeGreaterThanOrEqual(10_000_000);
    expect(spanNanoseconds).toBe(busyNanoseconds);
    expect(peakDeviceBytes).toBeGreaterThan(17_184);
    expect(rest).toEqual({
      openDeviceAllocations: 0,
      openDeviceBytes: 0,
      openHostAllocations: 0,
      openStreams: 0,
      openEvents: 0,
      openContexts: 0,
      openModels: 0,
      openDescriptions: 0,
      openDatasets: 0,
      openDataBuffers: 0,
      initialisations: 0,
      openDevices: 0,
      executions: 1,
      executedImages: 2,
    });
  });

  it('count what a process leaves behind when it exits', async () => {
    const { code, output, counters } = await execute({ faults: 'aclmdlExecuteAsync=507011' });
    expect(code).toBe(1);
    expect(output).toMatch(
      /aclmdlExecuteAsync.*: 507011 EE9999: aclmdlExecuteAsync: A fault that the test asked for/,
    );
    expect(counters).toMatchObject([
      {
        openDeviceAllocations: 2,
        openStreams: 1,
        openModels: 1,
        openDescriptions: 1,
        openDatasets: 2,
        openDataBuffers: 2,
        initialisations: 1,
        openDevices: 1,
        executions: 0,
      },
    ]);
  });

  it.each([
    ['task.execute=507015', '507015'],
    ['task.execute=hang', '507046'],
    ['aclrtMalloc#2=207001', '207001'],
    ['aclInit=500000', '500000'],
    ['aclrtCreateStream#*=207008', '207008'],
  ])('%s ends with %s', async (faults, code) => {
    const { output } = await execute({ faults });
    expect(output).toContain(`: ${code} `);
  });

  it('crash as a driver does', async () => {
    const { signal, counters } = await execute({ faults: 'aclmdlLoadFromFile=crash' });
    expect(signal).toBe('SIGSEGV');
    expect(counters).toEqual([]);
  });

  it('delay a call', async () => {
    const { code, counters } = await execute({ faults: 'task.execute=delay:30' });
    expect(code).toBe(0);
    expect(counters[0]?.busyNanoseconds).toBeGreaterThanOrEqual(30_000_000);
  });

  it('say so when the plan cannot be read', async () => {
    const { output } = await execute({ faults: 'aclrtMalloc' });
    expect(output).toMatch(/aclInit.*: 500000 .*'aclrtMalloc' is not of the form place\[#n\]=action/);
  });

  it.each([
    ['its weights', 20_000, 'aclmdlLoadFromFile', '245000'],
    ['its inputs', 24_000, 'aclrtMalloc', '207001'],
  ])('a model finds no room for %s', async (_, memoryBytes, call, code) => {
    const { output } = await execute({ memoryBytes });
    expect(output).toMatch(new RegExp(`^${call}.*: ${code} .*The device has no room`));
  });

  it('count the images of the gear that was executed', async () => {
    const counters = emptyFolder();
    const model = compileModel(await fixtureFolder(), gears('2,4'));
    executeModel(model, fixturePixels([0, 1, 2, 3]).data, { batch: 4, configuration: { counters } });
    expect(readCounters(counters)).toMatchObject([{ executions: 1, executedImages: 4 }]);
  });
});
