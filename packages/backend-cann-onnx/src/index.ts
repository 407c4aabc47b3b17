export type { CannOnnxOptions } from './cann-onnx-options.js';
