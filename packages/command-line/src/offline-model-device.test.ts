import { expect, it } from 'vitest';
import { offlineModelDevice } from './offline-model-device.js';

it.each([
  ['npu', 'acl-native'],
  ['npu:fp16@0,1', 'acl-native:fp16@0,1'],
  ['acl-native@1', 'acl-native@1'],
])('an offline model on %s runs on %s', async (device, expected) => {
  expect(await offlineModelDevice(device)).toBe(expected);
});

it.each(['cpu', 'cann-onnx', 'cann-onnx:fp16', 'NPU', ''])(
  'an offline model does not run on %j',
  async (device) => {
    await expect(offlineModelDevice(device)).rejects.toMatchObject({ code: 'DEVICE_SPECIFICATION_INVALID' });
  },
);
