import { createHash } from 'node:crypto';
import type { Checkpoint } from '@webssl/registry';
import type { TensorEntry, TensorOutline } from '@webssl/tensor-files';
import { type LinearLayer, linearLayers } from '../layer-tensors.js';
import type { WeightBits } from './quantize-matrix.js';
import { type Smoothing, tensorExponents } from './smoothing.js';
import type { WeightJob } from './weight-job.js';

/** Goes up when the same recipe gives other bytes than before. */
const recipeVersion = 1;

/** How derived weights are made of a checkpoint's. */
export interface WeightRecipe {
  readonly weightBits: WeightBits;
  readonly smoothing: Smoothing;
  /** Names of the linear layers that stay float32; `every`: all are there in both forms. */
  readonly float32: readonly string[] | 'every';
}

/** Every linear layer in int8, nothing smoothed. */
export function plainRecipe(weightBits: WeightBits): WeightRecipe {
  return { weightBits, smoothing: {}, float32: [] };
}

/** The same for the same recipe: part of the name of a file that is made by it. */
export function recipeDigest({ weightBits, smoothing, float32 }: WeightRecipe): string {
  const places = Object.entries(smoothing).sort(([a], [b]) => (a < b ? -1 : 1));
  const kept = float32 === 'every' ? float32 : [...float32].sort();
  return createHash('sha256')
    .update(JSON.stringify([recipeVersion, weightBits, places, kept]))
    .digest('hex')
    .slice(0, 16);
}

/** Names of the two tensors that a matrix becomes. */
export function int8Names(linear: string): { readonly weight: string; readonly scale: string } {
  return { weight: `${linear}.weight.int8`, scale: `${linear}.weight.int8.scale` };
}

/** One tensor of the checkpoint in one form. */
interface DerivedTensor {
  readonly tensor: TensorEntry;
  readonly form: 'float32' | 'int8';
  readonly linear?: LinearLayer;
}

/** What a recipe makes: the tensors of the file, and, once it is known where they lie, how to fill it. */
export interface DerivationPlan {
  readonly outlines: readonly TensorOutline[];
  jobs(offsetOf: (tensor: string) => number): readonly WeightJob[];
}

export function planDerivation(checkpoint: Checkpoint, recipe: WeightRecipe): DerivationPlan {
  const { config, tensors } = checkpoint;
  const linears = new Map(linearLayers(config).map((linear) => [`${linear.name}.weight`, linear]));
  const parts = [...tensors].flatMap(([name, entry]): readonly DerivedTensor[] => {
    const tensor = { ...entry, name };
    const linear = linears.get(name);
    if (linear === undefined) return [{ tensor, form: 'float32' }];
    const { float32 } = recipe;
    return [
      ...(float32 === 'every' || float32.includes(linear.name) ? [{ tensor, form: 'float32' as const }] : []),
      ...(float32 === 'every' || !float32.includes(linear.name)
        ? [{ tensor, form: 'int8' as const, linear }]
        : []),
    ];
  });
  return {
    outlines: parts.flatMap(outlinesOf),
    jobs(offsetOf) {
      const exponents = tensorExponents(config, recipe.smoothing, (name) => tensors.get(name)?.shape ?? []);
      return parts.map((part) => jobOf(part, exponents.get(part.tensor.name), recipe.weightBits, offsetOf));
    },
  };
}

function outlinesOf({ tensor, form, linear }: DerivedTensor): readonly TensorOutline[] {
  const { name, shape } = tensor;
  if (form === 'float32' || linear === undefined) return [{ name, type: 'F32', shape }];
  const [rows = 0, columns = 0] = shape;
  const names = int8Names(linear.name);
  return [
    { name: names.weight, type: 'I8', shape: [columns, rows] },
    { name: names.scale, type: 'F32', shape: [rows] },
  ];
}

function jobOf(
  { tensor, form, linear }: DerivedTensor,
  exponents: { rows?: Int8Array; columns?: Int8Array } | undefined,
  bits: WeightBits,
  offsetOf: (tensor: string) => number,
): WeightJob {
  const { name, file, offset, shape, byteLength } = tensor;
  const rows = shape[0] ?? 1;
  const columns = byteLength / 4 / rows;
  const target: WeightJob['target'] =
    form === 'float32' || linear === undefined
      ? { form: 'float32', offset: offsetOf(name) }
      : {
          form: 'int8',
          bits,
          offset: offsetOf(int8Names(linear.name).weight),
          scaleOffset: offsetOf(int8Names(linear.name).scale),
        };
  return {
    name,
    source: { file, offset },
    rows,
    columns,
    ...(exponents?.rows && { rowExponents: exponents.rows }),
    ...(exponents?.columns && { columnExponents: exponents.columns }),
    target,
  };
}
