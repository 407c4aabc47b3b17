/** One photograph through @huggingface/transformers, from start to end: the features, and nothing more. */
import { writeFloats } from '../float-file.js';
import { loadTransformersJs, modelOptions } from '../peers/transformers-js-library.js';
import { programArguments } from '../program-arguments.js';

const { library, model, graph, threads, image, features } = programArguments(
  'library',
  'model',
  'graph',
  'threads',
  'image',
  'features',
);
const transformers = loadTransformersJs(library, model);
const extract = await transformers.library.pipeline(
  'image-feature-extraction',
  transformers.name,
  modelOptions(graph, threads),
);
const { data } = await extract(image);
await writeFloats(features, data);
