import { readdirSync, readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import { goldenCheckpoint, goldenImage } from '@webssl-tooling/fixtures';
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { DeviceLoss } from './device-state.js';
import type { Encoder } from './encoder.js';
import { type LoadEncoderOptions, loadEncoder } from './load-encoder.js';
import { resolveDevice } from './resolve-device.js';
import { batchingCpu } from './testing/batching-cpu.js';

const tiny = goldenCheckpoint('vit-tiny-p14');
const china = goldenImage('china.jpg');
let encoder: Encoder;
let losses: DeviceLoss[];

async function load(options: LoadEncoderOptions = {}): Promise<void> {
  losses = [];
  encoder = await loadEncoder(tiny, {
    threads: 1,
    features: ['cls'],
    onDeviceLost: (loss) => losses.push(loss),
    ...options,
  });
}

afterEach(() => encoder?.close());

const processIds = () => encoder.info.devices.map(({ details }) => Number(details['processId']));
const states = () => encoder.deviceStates.map(({ state }) => state);

/** The child processes of this one, as the kernel lists them. */
function children(): number[] {
  const tasks = readdirSync(`/proc/${process.pid}/task`);
  return tasks.flatMap((task) =>
    readFileSync(`/proc/${process.pid}/task/${task}/children`, 'utf8').split(' ').filter(Boolean).map(Number),
  );
}

const hasProc = process.platform === 'linux';

describe.skipIf(!hasProc)(
  `a worker process${hasProc ? '' : ' (not here: /proc, by which it is found)'}`,
  () => {
    it('that hangs is replaced after runDeadline, and its image is computed again', async () => {
      await load({ runDeadline: 5000 });
      const before = await encoder.encode(china);
      const [first = 0] = processIds();
      expect(children()).toContain(first);
      process.kill(first, 'SIGSTOP');
      expect(await encoder.encode(china)).toEqual(before);
      expect(losses).toMatchObject([
        { error: { code: 'BACKEND_LOST', message: expect.stringContaining('5000 ms') }, retired: false },
      ]);
      expect(processIds()).not.toEqual([first]);
      expect(children()).toEqual(expect.arrayContaining(processIds()));
      // Nothing stays behind, not even a stopped process.
      await vi.waitFor(() => expect(children()).not.toContain(first));
    });

    it('that is killed while it has images is replaced, and none of them is lost or mixed up', async () => {
      await load();
      const images = ['astronaut.png', 'chelsea.png', 'china.jpg', 'flower.jpg', 'rocket.jpg'].map(
        goldenImage,
      );
      const before = [];
      for (const image of images) before.push(await encoder.encode(image));
      const [first = 0] = processIds();
      process.kill(first, 'SIGSTOP');
      const interrupted = images.map((image) => encoder.encode(image));
      await vi.waitFor(() => expect(encoder.queue.running).toBeGreaterThan(0));
      process.kill(first, 'SIGKILL');
      expect(await Promise.all(interrupted)).toEqual(before);
      expect(losses).toHaveLength(1);
      expect(states()).toEqual(['good']);
    });

    it('that dies is not opened again before reopenDelay; meanwhile BACKEND_LOST says when to come back', async () => {
      await load({ reopenDelay: () => 1000 });
      const before = await encoder.encode(china);
      const [first = 0] = processIds();
      process.kill(first, 'SIGKILL');
      await vi.waitFor(() => expect(states()).toEqual(['lost']));
      expect(encoder.deviceStates).toMatchObject([
        { device: { backend: 'cpu' }, error: { code: 'BACKEND_LOST' } },
      ]);
      const refusal = { code: 'BACKEND_LOST', details: { retryAfterSeconds: 1 } };
      await expect(encoder.encode(china)).rejects.toMatchObject(refusal);
      expect(await encoder.checkDevices(china)).toMatchObject([{ error: refusal }]);
      expect(processIds()).toEqual([first]);
      await delay(1000);
      expect(await encoder.encode(china)).toEqual(before);
      expect(states()).toEqual(['good']);
    });
  },
);

describe('checkDevices', () => {
  it('computes an image in every batch size on every session', async () => {
    await load({ device: batchingCpu(1, 3), sessions: 2 });
    const checks = await encoder.checkDevices(china);
    expect(checks).toHaveLength(2);
    for (const check of checks) {
      expect(check).toMatchObject({ device: { backend: 'cpu' } });
      expect('milliseconds' in check && [...check.milliseconds.keys()]).toEqual([1, 3]);
    }
    expect(states()).toEqual(['good', 'good']);
  });

  it('throws for an image that is none', async () => {
    await load();
    await expect(encoder.checkDevices(new Uint8Array([1, 2, 3]))).rejects.toMatchObject({
      code: expect.stringMatching(/^IMAGE_/),
    });
  });
});

describe('sessions', () => {
  it.skipIf(!hasProc)('are so many processes, which share the images and the threads', async () => {
    await load({ sessions: 2, threads: 5 });
    expect(new Set(processIds()).size).toBe(2);
    expect(encoder.info.devices.map(({ details }) => details['threads'])).toEqual([2, 2]);
    const alone = await encoder.encode(china);
    // Nothing ends while both stand still, so that what they were given can be counted.
    for (const id of processIds()) process.kill(id, 'SIGSTOP');
    const images = Array.from({ length: 8 }, () => encoder.encode(china));
    await vi.waitFor(() => expect(encoder.queue.batchesRunning).toBeGreaterThan(2));
    for (const id of processIds()) process.kill(id, 'SIGCONT');
    for (const features of await Promise.all(images)) expect(features).toEqual(alone);
  });

  it('have a thread each where there are more of them than threads', async () => {
    await load({ sessions: 2, threads: 1 });
    expect(encoder.info.devices.map(({ details }) => details['threads'])).toEqual([1, 1]);
  });

  it('divide what the machine has where no number of threads is given', async () => {
    const { threads: _, ...rest } = { threads: 1, sessions: 2 };
    encoder = await loadEncoder(tiny, rest);
    const each = Math.max(1, Math.floor(availableParallelism() / 2));
    expect(encoder.info.devices.map(({ details }) => details['threads'])).toEqual([each, each]);
  });

  it('take every device once before any a second time', async () => {
    const { backends } = await resolveDevice({ device: 'acl-native@0,1', sessions: 2 });
    expect(backends).toHaveLength(4);
    expect([backends[2], backends[3]]).toEqual([backends[0], backends[1]]);
    expect(backends[0]).not.toBe(backends[1]);
  });

  it.each([
    [{ sessions: 0 }, 'ENCODER_OPTION_INVALID', /sessions/],
    [{ sessions: 1.5 }, 'ENCODER_OPTION_INVALID', /sessions/],
    [{ sessions: 0, device: batchingCpu(1) }, 'ENCODER_OPTION_INVALID', /sessions/],
    [{ runDeadline: 0 }, 'ENCODER_OPTION_INVALID', /runDeadline/],
    [{ runDeadline: Number.NaN }, 'ENCODER_OPTION_INVALID', /runDeadline/],
    [{ sessions: 2, threads: 0 }, 'BACKEND_OPTION_INVALID', /threads/],
  ])('%o is refused', async (options, code, message) => {
    await expect(loadEncoder(tiny, options)).rejects.toMatchObject({
      code,
      message: expect.stringMatching(message),
    });
  });
});
