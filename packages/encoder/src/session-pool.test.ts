import { type PixelBatch, WebsslError } from '@webssl/backend';
import { expect, it } from 'vitest';
import { counting, demand, failing, lost, pool, ScriptedDevice } from './testing/scripted-device.js';

it('shares runs over all devices', async () => {
  const [first, second] = [new ScriptedDevice('first'), new ScriptedDevice('second')];
  const { runAll, sessions } = await pool(first, second);
  expect(await runAll(20)).toEqual(counting(20));
  expect([first.computed, second.computed]).toEqual([10, 10]);
  expect(sessions.runsInFlight).toBe(6);
});

it('computes what a lost device had on another one, and opens a fresh session for what comes', async () => {
  const [first, second] = [new ScriptedDevice('first'), new ScriptedDevice('second')];
  const { runAll, losses } = await pool(first, second);
  first.script = failing('run', undefined, lost());
  expect(await runAll(20)).toEqual(counting(20));
  expect(losses).toMatchObject([{ device: { backend: 'first' }, retired: false }]);
  expect(await runAll(20)).toEqual(counting(20));
  expect(first.opened).toBe(2);
});

it('goes on without a device that is lost again and again', async () => {
  const [first, second] = [new ScriptedDevice('first'), new ScriptedDevice('second')];
  const { run, losses } = await pool(first, second);
  first.script = (what) => {
    if (what === 'run') throw lost();
  };
  for (const value of counting(10)) expect(await run(value)).toBe(value);
  expect(losses.map(({ retired }) => retired)).toEqual([false, true]);
  expect([first.opened, second.computed]).toEqual([2, 10]);
});

it('goes on at once without a device that is defective', async () => {
  const [first, second] = [new ScriptedDevice('first'), new ScriptedDevice('second')];
  const { run, losses } = await pool(first, second);
  first.script = failing('run', lost({ policy: 'give-up' }));
  for (const value of counting(4)) expect(await run(value)).toBe(value);
  expect(losses.map(({ retired }) => retired)).toEqual([true]);
  expect(first.opened).toBe(1);
});

it('goes on without a device that cannot be opened again', async () => {
  const [first, second] = [new ScriptedDevice('first'), new ScriptedDevice('second')];
  const { run, losses } = await pool(first, second);
  const gone = new WebsslError({ code: 'BACKEND_OPEN_FAILED', message: 'no such device' });
  first.script = (what) => {
    throw what === 'run' ? lost() : gone;
  };
  for (const value of counting(4)) expect(await run(value)).toBe(value);
  expect(losses.map(({ error }) => (error as WebsslError).code)).toEqual([
    'BACKEND_LOST',
    'BACKEND_OPEN_FAILED',
  ]);
});

it('leaves no device out when none is any good', async () => {
  const [first, second] = [new ScriptedDevice('first'), new ScriptedDevice('second')];
  const { run, losses } = await pool(first, second);
  for (const device of [first, second]) {
    device.script = (what) => {
      if (what === 'run') throw lost();
    };
  }
  for (const value of counting(3)) await expect(run(value)).rejects.toMatchObject({ code: 'BACKEND_LOST' });
  expect(losses.at(-1)?.retired).toBe(false);
  first.script = second.script = () => {};
  expect(await run(5)).toBe(5);
});

it('tries a run once more on the only device, not twice', async () => {
  const only = new ScriptedDevice('only');
  const { run, losses } = await pool(only);
  only.script = failing('run', lost());
  expect(await run(7)).toBe(7);
  only.script = failing('run', lost(), lost());
  await expect(run(8)).rejects.toMatchObject({ code: 'BACKEND_LOST' });
  expect(await run(9)).toBe(9);
  expect(losses.map(({ retired }) => retired)).toEqual([false, false, false]);
  expect(only.opened).toBe(4);
});

it('does not try again on the only device when it is defective', async () => {
  const only = new ScriptedDevice('only');
  const { run } = await pool(only);
  only.script = failing('run', lost({ policy: 'give-up' }));
  await expect(run(1)).rejects.toMatchObject({ code: 'BACKEND_LOST' });
  expect(only.opened).toBe(1);
});

it.each(['BACKEND_RUN_FAILED', 'BACKEND_OUT_OF_MEMORY', 'BACKEND_INPUT_INVALID'])(
  'does not repeat a run that failed with %s',
  async (code) => {
    const [first, second] = [new ScriptedDevice('first'), new ScriptedDevice('second')];
    const { run, losses } = await pool(first, second);
    first.script = failing('run', new WebsslError({ code, message: 'no' }));
    await expect(run(1)).rejects.toMatchObject({ code });
    expect([losses.length, second.computed]).toEqual([0, 0]);
  },
);

const demands = [
  demand,
  { outputs: ['last_hidden_state'], tokens: 'all' },
  { outputs: ['attentions.0'], tokens: 'cls' },
] as const;
const pixels: PixelBatch = { data: Float32Array.of(1, 0, 0), dims: [1, 3, 1, 1] };

it('closes what a run opened again after its sessions were replaced', async () => {
  const only = new ScriptedDevice('only');
  const { sessions } = await pool(only);
  let replacing: Promise<unknown> = Promise.resolve();
  only.script = (what) => {
    if (what === 'open') return;
    only.script = () => {};
    replacing = sessions.open(demands[2]);
    throw lost();
  };
  await sessions.run(pixels, demands[1]);
  await replacing;
  await sessions.close();
  expect([only.opened, only.ended]).toEqual([4, 4]);
});

it('opens nothing for a demand that was replaced before its sessions were open', async () => {
  const only = new ScriptedDevice('only');
  const { sessions } = await pool(only);
  await Promise.all([sessions.open(demands[1]), sessions.open(demands[2])]);
  await sessions.close();
  expect([only.opened, only.ended]).toEqual([3, 3]);
});

it('opens nothing for a run that is lost while the pool is being closed', async () => {
  const only = new ScriptedDevice('only');
  const { sessions } = await pool(only);
  let closing: Promise<void> = Promise.resolve();
  only.script = () => {
    closing = sessions.close();
    throw lost();
  };
  await expect(sessions.run(pixels, demand)).rejects.toMatchObject({ code: 'BACKEND_LOST' });
  await closing;
  expect([only.opened, only.ended]).toEqual([1, 1]);
});

it('close waits for replaced sessions that are being closed', async () => {
  const only = new ScriptedDevice('only');
  const { sessions } = await pool(only);
  await sessions.open(demands[1]);
  only.closeMilliseconds = 100;
  await sessions.open(demands[2]);
  only.closeMilliseconds = 0;
  await sessions.close();
  expect([only.opened, only.ended]).toEqual([3, 3]);
});
