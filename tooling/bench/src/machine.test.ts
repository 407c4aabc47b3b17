import { expect, it } from 'vitest';
import { describeMachine } from './machine.js';

it('describes the machine that it runs on', async () => {
  const machine = await describeMachine();
  expect(machine.node).toBe(process.versions.node);
  expect(machine.cores).toBeGreaterThanOrEqual(1);
  expect(machine.memoryBytes).toBeGreaterThan(1e8);
  expect(machine.libraries).toMatchObject({
    'onnxruntime-node': expect.stringMatching(/^\d+\.\d+\.\d+/),
    sharp: expect.stringMatching(/^\d+\.\d+\.\d+/),
  });
  expect(machine.busyShare).toBeGreaterThanOrEqual(0);
  expect(machine.busyShare).toBeLessThanOrEqual(1);
});
