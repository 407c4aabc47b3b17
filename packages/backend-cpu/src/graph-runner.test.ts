import { expectedTensor, fixtureModel, fixturePixels } from '@webssl/backend/testkit';
import { nmse } from '@webssl/metrics';
import { afterEach, expect, it } from 'vitest';
import { createGraphRunner, type GraphRunner } from './graph-runner.js';

const size = { height: 12, width: 12 };
let runner: GraphRunner;
afterEach(() => runner.close());

it('computes a piece of a model from hidden states, every input on its own', async () => {
  runner = createGraphRunner({ threads: 1 });
  const piece = await fixtureModel().onnx({
    size,
    batch: 1,
    layers: [1, 2],
    outputs: ['hidden_states.2'],
  });
  const inputs = [0, 1].map((image) => expectedTensor([image], 'hidden_states.1'));
  const runs = await runner.run(piece, inputs);
  expect(runs).toHaveLength(2);
  for (const [image, { outputs, milliseconds }] of runs.entries()) {
    const expected = expectedTensor([image], 'hidden_states.2');
    expect(outputs['hidden_states.2']?.dims).toEqual(expected.dims);
    expect(nmse(outputs['hidden_states.2']?.data ?? [], expected.data)).toBeLessThan(1e-10);
    expect(milliseconds).toBeGreaterThan(0);
  }
});

it('goes on after a graph that cannot be computed', async () => {
  runner = createGraphRunner({ threads: 1 });
  const model = await fixtureModel().onnx({ size, batch: 1, outputs: ['last_hidden_state'] });
  const broken = runner.run({ ...model, bytes: new Uint8Array(50).fill(255) }, [fixturePixels([0])]);
  await expect(broken).rejects.toMatchObject({ code: 'BACKEND_RUN_FAILED' });
  const [run] = await runner.run(model, [fixturePixels([0])]);
  expect(run?.outputs['last_hidden_state']?.data.length).toBeGreaterThan(0);
});

it('computes in order what is asked for at once, and refuses when it is closed', async () => {
  runner = createGraphRunner({ threads: 1 });
  const model = await fixtureModel().onnx({ size, batch: 1, outputs: ['last_hidden_state'] });
  const asked = [0, 1].map((image) => runner.run(model, [fixturePixels([image])]));
  const closing = runner.close();
  const answers = await Promise.all(asked);
  for (const [image, [run]] of answers.entries()) {
    const expected = expectedTensor([image], 'last_hidden_state');
    expect(nmse(run?.outputs['last_hidden_state']?.data ?? [], expected.data)).toBeLessThan(1e-10);
  }
  await closing;
  await expect(runner.run(model, [fixturePixels([0])])).rejects.toMatchObject({ code: 'BACKEND_CLOSED' });
});
