/** @huggingface/transformers with a loaded model, on prepared pixel values again and again: a program for `Contender`. */
import { readFloats, writeFloats } from '../float-file.js';
import { loadTransformersJs, modelOptions } from '../peers/transformers-js-library.js';
import { programArguments } from '../program-arguments.js';
import { serveTasks, timed } from '../serve-tasks.js';

const { library, model, graph, threads, pixels, height, width, features } = programArguments(
  'library',
  'model',
  'graph',
  'threads',
  'pixels',
  'height',
  'width',
  'features',
);
const transformers = loadTransformersJs(library, model);
const { AutoModel, Tensor } = transformers.library;
const encoder = await AutoModel.from_pretrained(transformers.name, modelOptions(graph, threads));
const tensor = new Tensor('float32', await readFloats(pixels), [1, 3, Number(height), Number(width)]);
const encode = () => encoder({ pixel_values: tensor });

await writeFloats(features, (await encode()).last_hidden_state.data);
await serveTasks({ encode: timed(encode) });
