import { createHash } from 'node:crypto';

/** The model that the double pretends to be. */
export const madeModel = { layers: 3, heads: 4, width: 64, patchSize: 14, side: 224 };

const grid = madeModel.side / madeModel.patchSize;

export interface MadeTensor {
  readonly dims: readonly number[];
  readonly data: Float32Array;
}

/** Features that depend on an image's bytes alone, as smooth over the image as a model's are. */
export function madeFeature(image: Uint8Array, name: string): MadeTensor | undefined {
  const random = generator(image);
  const { heads, layers, width } = madeModel;
  const patches = grid * grid;
  if (name === 'cls')
    return { dims: [width], data: Float32Array.from({ length: width }, () => random() + 0.4) };
  if (name === 'patches') {
    const waves = Array.from({ length: 5 }, () => wave(random));
    const weights = waves.map((_, index) => Array.from({ length: width }, () => random() / (index + 1)));
    const data = new Float32Array(patches * width);
    for (let patch = 0; patch < patches; patch++) {
      for (const [index, at] of waves.entries()) {
        const height = at(patch % grid, Math.floor(patch / grid));
        for (let column = 0; column < width; column++) {
          const place = patch * width + column;
          data[place] = (data[place] ?? 0) + height * (weights[index]?.[column] ?? 0);
        }
      }
    }
    return { dims: [patches, width], data };
  }
  if (name !== `attentions.${layers - 1}`) return undefined;
  const tokens = patches + 1;
  const data = new Float32Array(heads * tokens * tokens);
  for (let row = 0; row < heads * tokens; row++) {
    const at = row % tokens === 0 ? wave(random) : () => 0;
    const weights = Array.from({ length: tokens }, (_, token) =>
      token === 0 ? 20 : Math.exp(3 * at((token - 1) % grid, Math.floor((token - 1) / grid))),
    );
    const sum = weights.reduce((total, weight) => total + weight, 0);
    data.set(
      weights.map((weight) => weight / sum),
      row * tokens,
    );
  }
  return { dims: [heads, tokens, tokens], data };
}

function wave(random: () => number): (x: number, y: number) => number {
  const [right, down, phase] = [random() * 0.7, random() * 0.7, random() * 3];
  return (x, y) => Math.sin(x * right + y * down + phase);
}

/** Numbers from -1 to 1. */
function generator(image: Uint8Array): () => number {
  let state = createHash('sha256').update(image).digest().readUInt32LE();
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 31 - 1;
  };
}
