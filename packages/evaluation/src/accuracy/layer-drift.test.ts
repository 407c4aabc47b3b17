import { expect, it } from 'vitest';
import { LayerDrift } from './layer-drift.js';

function driftOf(...layers: readonly (readonly [layer: number, nmse: number])[]) {
  const drift = new LayerDrift(0.01);
  for (const [layer, nmse] of layers) drift.add(layer, nmse);
  return drift.fields();
}

it('names the first layer of any image that is over the bound, not on it', () => {
  expect(driftOf([0, 0], [1, 0.01], [2, 0.02], [0, 0.001], [1, 0.011], [2, 0.5])).toEqual({
    bound: 0.01,
    first_layer_over: 1,
    worst_layer: 2,
    worst_nmse: 0.5,
  });
});

it('names none where all hold, and says nothing where there were none', () => {
  expect(driftOf([0, 0.001], [1, 0.002])).toEqual({ bound: 0.01, worst_layer: 1, worst_nmse: 0.002 });
  expect(driftOf()).toBeUndefined();
});

it('takes NaN for worse than any figure', () => {
  expect(driftOf([0, 0.001], [1, Number.NaN], [2, 0.9])).toEqual({
    bound: 0.01,
    first_layer_over: 1,
    worst_layer: 1,
    worst_nmse: Number.NaN,
  });
});
