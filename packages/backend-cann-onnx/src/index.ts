export { cannOnnx } from './cann-onnx.js';
export type { CannOnnxOptions } from './cann-onnx-options.js';
