import type { DeviceCheck, DeviceState, Encoder } from '@webssl/encoder';
import { expect, test } from 'vitest';
import { deferred } from '../testing/deferred.js';
import { until } from '../testing/until.js';
import { backOff, DeviceWatch } from './device-watch.js';

const log = { info: () => undefined, warn: () => undefined };
const device = {
  backend: 'double',
  name: 'a device',
  precision: 'fp32',
  library: 'none',
  isolation: 'thread',
  details: {},
} as const;

/** Devices whose checks find what the test says. */
class Devices implements Pick<Encoder, 'checkDevices' | 'deviceStates'> {
  checks = 0;
  states: DeviceState['state'][];
  /** What each check waits for. */
  before: () => Promise<void> = async () => undefined;

  constructor(...states: DeviceState['state'][]) {
    this.states = states;
  }

  get deviceStates(): readonly DeviceState[] {
    return this.states.map((state, index) => ({ device: { ...device, index }, state }));
  }

  async checkDevices(): Promise<readonly DeviceCheck[]> {
    this.checks++;
    await this.before();
    return this.states.map((state, index) => {
      const checked = { device: { ...device, index } };
      return state === 'good'
        ? { ...checked, milliseconds: new Map([[1, 5]]) }
        : { ...checked, error: new Error('it does not compute') };
    });
  }
}

function watchOf(devices: Devices, delays: number[] = []): DeviceWatch {
  return new DeviceWatch({
    encoder: devices,
    image: new Uint8Array(),
    log,
    checkDelay: (checks) => {
      delays.push(checks);
      return 1;
    },
  });
}

test('it is ready once one device has computed, whatever the others do', async () => {
  const devices = new Devices('good', 'lost');
  const watch = watchOf(devices);
  expect(watch.readiness).toMatchObject({ ready: false, reason: expect.stringContaining('not computed') });
  await watch.start();
  expect(watch.readiness).toEqual({
    ready: true,
    devices: [
      { name: 'double:fp32@0', state: 'good' },
      { name: 'double:fp32@1', state: 'lost' },
    ],
  });
  await until('the other is checked again', () => devices.checks > 2);
  devices.states = ['good', 'good'];
  await watch.stop();
});

test('at the start it goes on until a device computes', async () => {
  const devices = new Devices('lost');
  const watch = watchOf(devices);
  const started = watch.start();
  await until('it was checked several times', () => devices.checks >= 3);
  expect(watch.readiness.ready).toBe(false);
  devices.states = ['good'];
  await started;
  expect(watch.readiness.ready).toBe(true);
  await watch.stop();
});

test('a lost device is checked with growing pauses until it is good, and then no more', async () => {
  const devices = new Devices('good');
  const delays: number[] = [];
  const watch = watchOf(devices, delays);
  await watch.start();
  devices.states = ['lost'];
  watch.deviceLost();
  watch.deviceLost();
  expect(watch.readiness).toMatchObject({ ready: false, reason: expect.stringContaining('No device') });
  await until('it was checked several times', () => devices.checks >= 4);
  devices.states = ['good'];
  await until('nobody checks any more', async () => {
    const { checks } = devices;
    await new Promise((resolve) => setTimeout(resolve, 30));
    return devices.checks === checks;
  });
  expect(watch.readiness.ready).toBe(true);
  expect(delays.slice(0, 3)).toEqual([1, 2, 3]);
  expect(devices.checks).toBeLessThanOrEqual(1 + delays.length);
  await watch.stop();
});

test('a check that fails as a whole is tried again', async () => {
  const devices = new Devices('good');
  devices.before = async () => {
    if (devices.checks < 3) throw new Error('the encoder was busy');
  };
  const watch = watchOf(devices);
  await watch.start();
  expect([devices.checks, watch.readiness.ready]).toEqual([3, true]);
  await watch.stop();
});

test('when it is stopped it is not ready, and nothing is checked any more', async () => {
  const devices = new Devices('good');
  const watch = watchOf(devices);
  await watch.start();
  expect(watch.isStopping).toBe(false);
  await watch.stop();
  expect(watch.isStopping).toBe(true);
  expect(watch.readiness).toMatchObject({ ready: false, reason: expect.stringContaining('stopping') });
  devices.states = ['lost'];
  watch.deviceLost();
  expect(devices.checks).toBe(1);
});

test('a start that is stopped ends', async () => {
  const devices = new Devices('lost');
  const { promise, resolve } = deferred<void>();
  devices.before = () => promise;
  const watch = watchOf(devices);
  const started = watch.start();
  const stopped = watch.stop();
  resolve();
  await Promise.all([started, stopped]);
  expect(watch.readiness.ready).toBe(false);
});

test('pauses grow from one second to thirty', () => {
  expect([1, 2, 3, 4, 5, 6, 7, 50].map(backOff)).toEqual([
    1000, 2000, 4000, 8000, 16_000, 30_000, 30_000, 30_000,
  ]);
});
