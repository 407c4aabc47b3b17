import type { DeviceInfo } from '@webssl/backend';
import { expect, it } from 'vitest';
import { describeDevices } from './describe-devices.js';

const base: DeviceInfo = {
  backend: 'cpu',
  name: 'Xeon',
  precision: 'tuned',
  library: 'onnxruntime 1.30.0',
  isolation: 'process',
  index: 0,
  details: { threads: 2 },
};

it('sessions of a kind are one, with the indices of devices that can be several', () => {
  expect(describeDevices([base, base])).toBe('cpu:tuned (Xeon, onnxruntime 1.30.0)');
  const npu = {
    ...base,
    backend: 'acl-native',
    precision: 'fp32',
    name: 'Ascend910B4',
    library: 'AscendCL 1.16.0',
  };
  expect(describeDevices([npu, { ...npu, index: 1 }])).toBe(
    'acl-native:fp32@0,1 (Ascend910B4, AscendCL 1.16.0)',
  );
});

it('weights that were made of the model’s own are named by their recipe, and two recipes are two kinds', () => {
  const by = (weightRecipe: string) => ({ ...base, details: { threads: 2, weightRecipe } });
  expect(describeDevices([by('8f01'), by('27ac')])).toBe(
    'cpu:tuned (Xeon, onnxruntime 1.30.0, weights by recipe 8f01); cpu:tuned (Xeon, onnxruntime 1.30.0, weights by recipe 27ac)',
  );
});
