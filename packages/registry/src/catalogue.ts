import { type CatalogueRow, catalogueRows } from './catalogue-data.js';
import { swigluFeedForwardSize } from './feed-forward-size.js';
import type { ModelConfig } from './model-config.js';
import { byteLengthOf, splitIntoShards } from './shards.js';
import { tensorLayout, tokenCount } from './tensor-layout.js';

/** A published Web-SSL model. */
export interface CatalogueEntry {
  /** Repository on the Hugging Face hub, such as `facebook/webssl-mae700m-full2b-224`. */
  readonly id: string;
  readonly family: 'Web-MAE' | 'Web-DINO';
  readonly config: ModelConfig;
  /** Tokens of the model's own input size: CLS and the patches. */
  readonly tokens: number;
  /** Numbers in the published files, unused pooler (Web-MAE) and mask token (Web-DINO) included. */
  readonly parameters: number;
  /** Tensors in the published files. */
  readonly tensors: number;
  /** Data of the tensors in float32, without file headers. */
  readonly bytes: number;
  /** How many safetensors files the weights are split into. */
  readonly files: number;
  /** SPDX identifier of the licence of the weights: no commercial use. */
  readonly license: 'CC-BY-NC-4.0';
  /** The commit that is used unless another revision is asked for; `main` where none is known. */
  readonly revision: string;
  /** What the model was trained on, in words. */
  readonly trainingData: string;
  /** What is inferred and has not been seen in the published files, in words. */
  readonly unconfirmed: readonly string[];
}

let entries: readonly CatalogueEntry[] | undefined;

/** The 18 models of the Web-SSL collection, Web-MAE first, each family from small to large. */
export function catalogue(): readonly CatalogueEntry[] {
  entries ??= catalogueRows.map(toEntry);
  return entries;
}

/** The entry of an id, `facebook/` optional; undefined for an unknown id. */
export function findCatalogueEntry(id: string): CatalogueEntry | undefined {
  const whole = id.includes('/') ? id : `facebook/${id}`;
  return catalogue().find((entry) => entry.id === whole);
}

function toEntry(row: CatalogueRow): CatalogueEntry {
  const config = toConfig(row);
  const tensors = tensorLayout(config);
  const bytes = tensors.reduce((sum, tensor) => sum + byteLengthOf(tensor), 0);
  const files = splitIntoShards(tensors).length;
  return {
    id: `facebook/${row.name}`,
    family: row.family,
    config,
    tokens: tokenCount(config),
    parameters: bytes / Float32Array.BYTES_PER_ELEMENT,
    tensors: tensors.length,
    bytes,
    files,
    license: 'CC-BY-NC-4.0',
    revision: row.commit ?? 'main',
    trainingData: `${datasets[row.data]}, ${row.seen} billion images seen`,
    unconfirmed: unconfirmed(row, files),
  };
}

const datasets: Readonly<Record<CatalogueRow['data'], string>> = {
  full: 'MC-2B (2 billion images from the web)',
  light: 'the images of MC-2B that show text (50.3 %)',
  heavy: 'the images of MC-2B that show charts and documents (1.3 %)',
};

function toConfig(row: CatalogueRow): ModelConfig {
  const common = {
    hiddenSize: row.hiddenSize,
    layers: row.layers,
    heads: row.heads,
    patchSize: row.patchSize,
    channels: 3,
    imageSize: row.imageSize,
    queryKeyValueBias: true,
    layerNormEpsilon: 1e-6,
  } as const;
  return row.family === 'Web-MAE'
    ? {
        ...common,
        modelType: 'vit',
        feedForward: 'gelu',
        feedForwardSize: 4 * row.hiddenSize,
        layerScale: false,
      }
    : {
        ...common,
        modelType: 'dinov2',
        feedForward: 'swiglu',
        feedForwardSize: swigluFeedForwardSize(row.hiddenSize, 4),
        layerScale: true,
      };
}

function unconfirmed(row: CatalogueRow, files: number): readonly string[] {
  const notes = [`preprocessor_config.json: resizing to ${row.imageSize} pixels is inferred`];
  if (row.name !== 'webssl-mae700m-full2b-224') notes.push('config.json: written from the architecture');
  if (row.family === 'Web-DINO') notes.push('embeddings.mask_token: may be absent');
  if (row.name === 'webssl-dino300m-light2b-224') {
    notes.push('architecture: taken to be that of webssl-dino300m-full2b-224');
  }
  if (files > 1 && row.name !== 'webssl-mae2b-full2b-224')
    notes.push(`number of files: ${files} is computed`);
  if (row.commit === undefined) notes.push('revision: no commit is known, so `main` is used');
  return notes;
}
