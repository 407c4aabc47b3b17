import { expect, it } from 'vitest';
import { isOfferedName } from './offered-name.js';

it.each([
  'config.json',
  'model-00001-of-00002.safetensors',
  'pytorch_model.bin.index.json',
  'onnx/model.onnx',
  '.gitattributes',
  'binary',
  'Ünicode name (1).txt',
])('offers %s', (path) => {
  expect(isOfferedName(path)).toBe(true);
});

it.each([
  'pytorch_model.bin',
  'PYTORCH_MODEL.BIN',
  'a/b/weights.pth',
  'checkpoint.pth.tar',
  'scaler.pkl',
  'scaler.pkl.gz',
  'model.pt2',
  'last.ckpt',
  'model.safetensors.incomplete',
  'a\\b',
  'a\nb',
  'a\u0000b',
])('does not offer %j', (path) => {
  expect(isOfferedName(path)).toBe(false);
});
