export { type FileJobs, type RunFileJobsOptions, runFileJobs, takeFileJobs } from './file-jobs.js';
export { freeBytesAt, freeBytesIfShort, requireFreeSpace } from './free-space.js';
export { makeFolder } from './make-folder.js';
export { encodeNpyHeader } from './npy-header.js';
export {
  createOutputFile,
  type OutputFile,
  partialPath,
  requireFolder,
  writeOutputFile,
} from './output-file.js';
export { readNpy } from './read-npy.js';
export { type ReadTensorOptions, readTensor, readTensorBytes } from './read-tensor.js';
export { type HeaderOptions, readSafetensorsHeader, type SafetensorsHeader } from './safetensors-header.js';
export { layoutSafetensors, type SafetensorsLayout, type TensorOutline } from './safetensors-layout.js';
export { createSafetensorsWriter, type SafetensorsWriter } from './safetensors-writer.js';
export type { TensorEntry, TensorIndex, TensorType } from './tensor-index.js';
export { openTensorIndex } from './tensor-index-opening.js';
export type { TensorData, WritableTensor } from './writable-tensor.js';
export { createNpyWriter, type NpyWriter, writeNpy } from './write-npy.js';
export { writeSafetensors } from './write-safetensors.js';
