import type { ModelPart } from '../model-source.js';
import type { OutputName, TokenSelection } from '../outputs.js';
import { fixtureShape } from './fixture-shape.js';

/** A part of the fixture model that has a graph. */
export interface FixturePart extends Required<Omit<ModelPart, 'precision' | 'weightBits'>> {
  /** Name of its file. */
  readonly file: string;
  /** Bytes of the weights that it uses. */
  readonly weightBytes: number;
}

type Wanted = Pick<FixturePart, 'layers' | 'outputs' | 'tokens'>;

/** Float32 weights of the fixture: before the first layer, of one layer, after the last one. */
const weightBytes = { embeddings: 2880, layer: 4736, finalNorm: 96 };

const { layers: depth, imageSize } = fixtureShape;

/** Everything that the fixture model can give. */
export const fixtureOutputs: readonly OutputName[] = [
  'last_hidden_state',
  ...numbered('hidden_states', depth + 1),
  ...numbered('attentions', depth),
];

/** Two outputs without the last one, out of order: a session that needs only the first two layers. */
export const earlyOutputs: readonly OutputName[] = ['hidden_states.2', 'attentions.0'];

/**
 * The parts that the fixture has graphs of: the whole model for each set of outputs that the conformance suite opens, with
 * the batch fixed to 1 or 4 or symbolic, and the pieces between any two layers, for backends that chain them.
 */
export const fixtureParts: readonly FixturePart[] = [
  ...([1, 4, 'symbolic'] as const).flatMap((batch) => [
    part('everything', batch, whole(fixtureOutputs, 'all')),
    part('early', batch, whole(earlyOutputs, 'all')),
    part('last-all', batch, whole(['last_hidden_state'], 'all')),
    part('last-cls', batch, whole(['last_hidden_state'], 'cls')),
    part('last-patches', batch, whole(['last_hidden_state'], 'patches')),
  ]),
  ...([1, 'symbolic'] as const).flatMap((batch) => [
    part('piece-0-1', batch, piece(0, 1)),
    part('piece-0-2', batch, piece(0, 2)),
    part('piece-1-2', batch, piece(1, 2)),
    part('piece-1-3', batch, piece(1, 3)),
    part('piece-2-3', batch, piece(2, 3)),
  ]),
];

/** The part with a graph that is the one asked for, the order of the outputs aside. */
export function findFixturePart(asked: ModelPart): FixturePart | undefined {
  const { layers = [0, depth], tokens = 'all', precision = 'fp32' } = asked;
  if (precision !== 'fp32') return undefined;
  return fixtureParts.find(
    (offered) =>
      offered.size.height === asked.size.height &&
      offered.size.width === asked.size.width &&
      offered.batch === asked.batch &&
      offered.layers[0] === layers[0] &&
      offered.layers[1] === layers[1] &&
      offered.tokens === tokens &&
      offered.outputs.length === asked.outputs.length &&
      asked.outputs.every((output) => offered.outputs.includes(output)),
  );
}

function part(name: string, batch: FixturePart['batch'], wanted: Wanted): FixturePart {
  return {
    file: `${name}-batch-${batch}.onnx`,
    size: { height: imageSize, width: imageSize },
    batch,
    weightBytes: bytesOf(wanted),
    ...wanted,
  };
}

function bytesOf({ layers: [from, to], outputs }: Wanted): number {
  const final = outputs.includes('last_hidden_state');
  // 'early' ends at its last output.
  const end = final || from > 0 || to < depth ? to : 2;
  return (
    (from === 0 ? weightBytes.embeddings : 0) +
    (end - from) * weightBytes.layer +
    (final ? weightBytes.finalNorm : 0)
  );
}

function whole(outputs: readonly OutputName[], tokens: TokenSelection): Wanted {
  return { layers: [0, depth], outputs, tokens };
}

/** Layers `from` to `to`: what comes out is the next piece's input, or the end. */
function piece(from: number, to: number): Wanted {
  const outputs: readonly OutputName[] = to === depth ? ['last_hidden_state'] : [`hidden_states.${to}`];
  return { layers: [from, to], outputs, tokens: 'all' };
}

function numbered<Name extends 'hidden_states' | 'attentions'>(name: Name, count: number) {
  return Array.from({ length: count }, (_, index) => `${name}.${index}` as const);
}
