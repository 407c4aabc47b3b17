import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { nmse } from '@webssl/metrics';
import {
  buildAscendSimulator,
  readCounters,
  type SimulatorConfiguration,
} from '@webssl-tooling/ascend-simulator';
import { goldenCheckpoint, goldenImage } from '@webssl-tooling/fixtures';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import type { DeviceLoss } from './device-state.js';
import type { Encoder } from './encoder.js';
import { type LoadEncoderOptions, loadEncoder } from './load-encoder.js';

const built = buildAscendSimulator();
const why = 'missing' in built ? ` (not here: ${built.missing})` : '';
const tiny = goldenCheckpoint('vit-tiny-p14');
const photographs = ['astronaut.png', 'chelsea.png', 'china.jpg', 'flower.jpg', 'rocket.jpg'].map(
  goldenImage,
);
/** Neighbours in a batch, and batches next to each other, differ everywhere: whatever is exchanged shows. */
const images = Array.from({ length: 41 }, (_, index) => photographs[index % photographs.length] ?? '');
const exact = 1e-10;

describe.skipIf('missing' in built)(`a pool of two simulated NPUs${why}`, () => {
  const folder = mkdtempSync(join(tmpdir(), 'webssl-ascend-pool-'));
  let reference: readonly Float32Array[];
  let counters: string;
  let encoder: Encoder;
  let losses: DeviceLoss[];

  /** What processes of the library that start from now on are like. */
  function configure(configuration: SimulatorConfiguration): void {
    if ('missing' in built) return;
    const { library, compiler, environment } = built.simulator;
    const variables = {
      ...environment({ devices: 2, counters, ...configuration }),
      ACL_LIB: library,
      PATH: `${dirname(compiler)}:/usr/bin:/bin`,
      WEBSSL_CACHE: join(folder, 'cache'),
    };
    for (const [name, value] of Object.entries(variables)) vi.stubEnv(name, value);
  }

  async function load(
    configuration: SimulatorConfiguration = {},
    options: LoadEncoderOptions = {},
  ): Promise<void> {
    counters = mkdtempSync(join(folder, 'counters-'));
    losses = [];
    configure(configuration);
    encoder = await loadEncoder(tiny, {
      device: 'acl-native@0,1',
      features: ['cls'],
      onDeviceLost: (loss) => losses.push(loss),
      ...options,
    });
  }

  /** Encodes all images; gives the largest error of one. */
  async function encodeAll(onResult: (index: number) => void = () => {}): Promise<number> {
    const errors: number[] = [];
    for await (const result of encoder.encodeAll(images, { features: ['cls'], batch: 3 })) {
      if ('error' in result) throw result.error;
      expect(result.index).toBe(errors.length);
      errors.push(nmse(result.features.cls.data, reference[result.index % photographs.length] ?? []));
      onResult(result.index);
    }
    expect(errors).toHaveLength(images.length);
    return Math.max(...errors);
  }

  const processOf = (device: number) => Number(encoder.info.devices[device]?.details['processId']);

  beforeAll(async () => {
    const cpu = await loadEncoder(tiny, { features: ['cls'] });
    const features = await Promise.all(photographs.map((image) => cpu.encode(image, { features: ['cls'] })));
    reference = features.map(({ cls }) => cls.data);
    await cpu.close();
  });
  afterEach(async () => {
    await encoder.close();
    vi.unstubAllEnvs();
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  it('gives the results in the order of the images, each device having computed its share', async () => {
    await load({ imageMilliseconds: 5 });
    expect(encoder.info.devices.map(({ backend, index, name }) => ({ backend, index, name }))).toEqual(
      [0, 1].map((index) => ({ backend: 'acl-native', index, name: 'Ascend910B4 (simulator)' })),
    );
    expect(processOf(0)).not.toBe(processOf(1));
    expect(await encodeAll()).toBeLessThanOrEqual(exact);
    await encoder.close();
    const shares = readCounters(counters).flatMap(({ executions }) => executions || []);
    expect(shares).toHaveLength(2);
    // How much each gets depends on when the system lets its process run.
    expect(Math.min(...shares)).toBeGreaterThanOrEqual(1);
    for (const left of readCounters(counters))
      expect(left).toMatchObject({
        openDeviceAllocations: 0,
        openModels: 0,
        initialisations: 0,
        openDevices: 0,
      });
  });

  it('computes elsewhere what a device had that died, and takes it in again', async () => {
    await load({ imageMilliseconds: 5 });
    const first = processOf(0);
    const error = await encodeAll((index) => {
      if (index === 9) process.kill(first, 'SIGKILL');
    });
    expect(error).toBeLessThanOrEqual(exact);
    expect(losses).toMatchObject([
      {
        device: { index: 0, details: { processId: first } },
        error: { code: 'BACKEND_LOST' },
        retired: false,
      },
    ]);
    await encodeAll();
    expect(processOf(0)).not.toBe(first);
    expect(losses).toHaveLength(1);
  });

  it('goes on without a device that is lost again, and leaves it alone from then on', async () => {
    await load({ imageMilliseconds: 5 });
    // Only a process that is started from now on is hit: the next session of the first device.
    configure({ faults: 'task.execute#*=507010' });
    process.kill(processOf(0), 'SIGKILL');
    expect(await encodeAll()).toBeLessThanOrEqual(exact);
    expect(losses).toMatchObject([
      { device: { index: 0 }, retired: false },
      { device: { index: 0 }, error: { details: { ascendCode: 507_010 } }, retired: true },
    ]);
    const processes = readdirSync(counters);
    expect(await encodeAll()).toBeLessThanOrEqual(exact);
    expect(losses).toHaveLength(2);
    expect(readdirSync(counters)).toEqual(processes);
  });

  it('gives a batch up after runDeadline', async () => {
    await load({ faults: 'task.execute#*=hang' }, { device: 'acl-native', runDeadline: 400 });
    await expect(encoder.encode(images[0] ?? '')).rejects.toMatchObject({
      code: 'BACKEND_LOST',
      message: expect.stringContaining('400 ms'),
    });
    expect(losses).toHaveLength(2);
  });

  it('opens so many sessions on each device as it is asked for', async () => {
    await load({ imageMilliseconds: 5 }, { sessions: 2 });
    expect(encoder.info.devices.map(({ index }) => index)).toEqual([0, 1, 0, 1]);
    expect(new Set([0, 1, 2, 3].map(processOf)).size).toBe(4);
    expect(await encodeAll()).toBeLessThanOrEqual(exact);
  });

  it('gives each image the error of the device when no device is left', async () => {
    await load({ faults: 'task.execute#*=507010' });
    const results = [];
    for await (const result of encoder.encodeAll(images.slice(0, 9), { features: ['cls'], batch: 3 }))
      results.push(result);
    expect(results).toHaveLength(9);
    for (const result of results) {
      expect(result).toMatchObject({ error: { code: 'BACKEND_LOST', details: { ascendCode: 507_010 } } });
    }
  });
});
