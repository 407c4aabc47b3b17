import { setTimeout as sleep } from 'node:timers/promises';
import type { PixelBatch } from '@webssl/backend';
import { expect, test } from 'vitest';
import { demand, failing, lost, poolWith, ScriptedDevice } from './testing/scripted-device.js';

const batchOf = (batch: number): PixelBatch => ({
  data: new Float32Array(batch * 3),
  dims: [batch, 3, 1, 1],
});

function alwaysLost(device: ScriptedDevice): void {
  device.script = (what) => {
    if (what === 'run') throw lost();
  };
}

function good(device: ScriptedDevice): void {
  device.script = () => {};
}

test('a lost device rests: its runs fail at once and say for how long; then it is opened again', async () => {
  const only = new ScriptedDevice('only');
  const { run, sessions } = await poolWith({ reopenDelay: (losses) => losses * 300 }, only);
  only.script = failing('run', lost());
  await expect(run(1)).rejects.toMatchObject({
    code: 'BACKEND_LOST',
    message: expect.stringMatching(/tried again in 1 s: the device is gone/),
    details: { retryAfterSeconds: 1, lossesInARow: 1 },
  });
  await expect(run(2)).rejects.toMatchObject({ details: { lossesInARow: 1 } });
  expect(only.opened).toBe(1);
  expect(sessions.states).toMatchObject([{ state: 'lost', error: { message: 'the device is gone' } }]);
  await sleep(350);
  expect(await run(3)).toBe(3);
  expect(only.opened).toBe(2);
  expect(sessions.states).toEqual([{ device: expect.objectContaining({ backend: 'only' }), state: 'good' }]);
});

test('each loss in a row makes the rest longer; a run that succeeds begins anew', async () => {
  const only = new ScriptedDevice('only');
  const asked: number[] = [];
  const reopenDelay = (losses: number) => {
    asked.push(losses);
    return 0;
  };
  const { run } = await poolWith({ reopenDelay }, only);
  only.script = failing('run', lost(), lost(), undefined, lost());
  await expect(run(1)).rejects.toMatchObject({ code: 'BACKEND_LOST' });
  expect(await run(2)).toBe(2);
  expect(await run(3)).toBe(3);
  expect(asked).toEqual([1, 2, 1]);
});

test('while a device rests the others have the work, and the pool counts itself smaller', async () => {
  const [first, second] = [new ScriptedDevice('first'), new ScriptedDevice('second')];
  const { run, sessions } = await poolWith({ reopenDelay: () => 60_000 }, first, second);
  expect([sessions.devicesInService, sessions.runsInFlight]).toEqual([2, 6]);
  first.script = failing('run', lost());
  for (const value of [1, 2, 3]) expect(await run(value)).toBe(value);
  expect([first.opened, second.computed]).toEqual([1, 3]);
  expect([sessions.devicesInService, sessions.runsInFlight]).toEqual([1, 3]);
  expect(sessions.states.map(({ state }) => state)).toEqual(['lost', 'good']);
});

test('a check runs every batch size on every device and tells how long it took', async () => {
  const [first, second] = [new ScriptedDevice('first'), new ScriptedDevice('second')];
  second.batchSizes = [1, 4];
  const { sessions } = await poolWith({}, first, second);
  const checks = await sessions.check(batchOf, demand);
  expect(checks).toEqual([
    {
      device: expect.objectContaining({ backend: 'first' }),
      milliseconds: new Map([[1, expect.any(Number)]]),
    },
    {
      device: expect.objectContaining({ backend: 'second' }),
      milliseconds: new Map([
        [1, expect.any(Number)],
        [4, expect.any(Number)],
      ]),
    },
  ]);
  expect([first.computed, second.computed]).toEqual([1, 5]);
});

test.each([
  ['was lost again and again', {}],
  ['called itself defective', { policy: 'give-up' }],
])('a check takes a device in again that %s and is well now', async (_, details) => {
  const [first, second] = [new ScriptedDevice('first'), new ScriptedDevice('second')];
  const { run, sessions } = await poolWith({}, first, second);
  first.script = (what) => {
    if (what === 'run') throw lost(details);
  };
  for (const value of [1, 2, 3]) await run(value);
  expect(sessions.states.map(({ state }) => state)).toEqual(['retired', 'good']);
  expect(await sessions.check(batchOf, demand)).toMatchObject([
    { error: { code: 'BACKEND_LOST' } },
    { device: { backend: 'second' } },
  ]);
  expect(sessions.devicesInService).toBe(1);

  good(first);
  expect(await sessions.check(batchOf, demand)).toMatchObject([
    { device: { backend: 'first' } },
    { device: { backend: 'second' } },
  ]);
  expect(sessions.states.map(({ state }) => state)).toEqual(['good', 'good']);
  const before = first.computed;
  await Promise.all([run(1), run(2)]);
  expect(first.computed).toBe(before + 1);
});

test('a check does not wake a device that rests', async () => {
  const only = new ScriptedDevice('only');
  const { run, sessions } = await poolWith({ reopenDelay: () => 60_000 }, only);
  alwaysLost(only);
  await expect(run(1)).rejects.toMatchObject({ code: 'BACKEND_LOST' });
  good(only);
  expect(await sessions.check(batchOf, demand)).toMatchObject([
    { error: { code: 'BACKEND_LOST', details: { retryAfterSeconds: 60 } } },
  ]);
  expect(only.opened).toBe(1);
});

test('a check ends with the reason of its signal, and with the pool', async () => {
  const only = new ScriptedDevice('only');
  const { sessions } = await poolWith({}, only);
  const reason = new Error('enough');
  await expect(sessions.check(batchOf, demand, AbortSignal.abort(reason))).rejects.toBe(reason);
  await sessions.close();
  await expect(sessions.check(batchOf, demand)).rejects.toMatchObject({ code: 'ENCODER_CLOSED' });
});
