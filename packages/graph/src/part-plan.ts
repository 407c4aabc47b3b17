import type { ImageSize, ModelPart, OutputName, TokenSelection } from '@webssl/backend';
import type { ModelConfig } from '@webssl/registry';
import { graphError } from './graph-error.js';

/** Rows and columns of patches that an image is cut into. */
export interface PatchGrid {
  readonly rows: number;
  readonly columns: number;
}

/** What must be computed for a part, and nothing else. */
export interface PartPlan {
  readonly size: ImageSize;
  readonly grid: PatchGrid;
  /** 1 + N. */
  readonly tokenCount: number;
  readonly batch: number | 'symbolic';
  /** The hidden state that the part starts from: 0 means pixels. */
  readonly from: number;
  /** The last hidden state that is computed: layers `from` to `through` - 1 run whole. */
  readonly through: number;
  /** A layer after those of which only the attention map is computed. */
  readonly attentionOnly: number | undefined;
  readonly hiddenStates: ReadonlySet<number>;
  readonly attentions: ReadonlySet<number>;
  /** Whether `last_hidden_state` is asked for. */
  readonly final: boolean;
  /** The last layer, when nothing but the CLS token is wanted of it. */
  readonly classOnly: number | undefined;
  readonly tokens: TokenSelection;
  readonly outputs: readonly OutputName[];
}

/**
 * Works out what a part needs.
 * @throws WebsslError `GRAPH_SIZE_INVALID`, `GRAPH_BATCH_INVALID`, `GRAPH_LAYER_OUT_OF_RANGE`, `GRAPH_OUTPUT_UNKNOWN`,
 * `GRAPH_OUTPUTS_INVALID`.
 */
export function planPart(
  part: ModelPart,
  config: ModelConfig,
  omittedLayers: ReadonlySet<number> = new Set(),
): PartPlan {
  const grid = patchGrid(part.size, config);
  if (part.batch !== 'symbolic' && !isCount(part.batch)) {
    throw graphError(
      'GRAPH_BATCH_INVALID',
      `A batch of ${part.batch} is not possible: give a whole number of 1 or more, or 'symbolic'.`,
    );
  }
  const [from, to] = layerRange(part.layers ?? [0, config.layers], config.layers);
  if (part.outputs.length === 0 || new Set(part.outputs).size !== part.outputs.length) {
    throw graphError(
      'GRAPH_OUTPUTS_INVALID',
      part.outputs.length === 0
        ? 'No outputs are asked for: name at least one, such as last_hidden_state.'
        : `An output is asked for twice: ${part.outputs.join(', ')}. Name each once.`,
    );
  }

  const hiddenStates = new Set<number>();
  const attentions = new Set<number>();
  let final = false;
  for (const output of part.outputs) {
    const { kind, index } = parseOutput(output);
    if (kind === 'last_hidden_state') {
      if (to !== config.layers) {
        throw outOfRange(output, `the last layer, but the part ends before layer ${to} of ${config.layers}`);
      }
      final = true;
    } else if (kind === 'hidden_states') {
      const first = from === 0 ? 0 : from + 1;
      if (index < first || index > to) throw outOfRange(output, `a number from ${first} to ${to}`);
      hiddenStates.add(index);
    } else {
      if (index < from || index >= to) throw outOfRange(output, `a number from ${from} to ${to - 1}`);
      if (omittedLayers.has(index)) throw outOfRange(output, 'a layer that is not left out');
      attentions.add(index);
    }
  }

  const tokens = part.tokens ?? 'all';
  const last = config.layers - 1;
  const classOnly =
    final &&
    tokens === 'cls' &&
    !hiddenStates.has(config.layers) &&
    !attentions.has(last) &&
    !omittedLayers.has(last);
  const lastAttention = Math.max(-1, ...attentions);
  const through = Math.max(final ? config.layers : from, lastAttention, ...hiddenStates);
  return {
    size: part.size,
    grid,
    tokenCount: 1 + grid.rows * grid.columns,
    batch: part.batch,
    from,
    through,
    attentionOnly: lastAttention === through ? lastAttention : undefined,
    hiddenStates,
    attentions,
    final,
    classOnly: classOnly ? last : undefined,
    tokens,
    outputs: part.outputs,
  };
}

/** The first dimension of every input and output. */
export function batchDimension({ batch }: PartPlan): number | string {
  return batch === 'symbolic' ? 'batch' : batch;
}

function nearest(side: number, patchSize: number): number {
  return patchSize * Math.max(1, Math.round(side / patchSize));
}

function patchGrid({ height, width }: ImageSize, { patchSize, hiddenSize }: ModelConfig): PatchGrid {
  const rows = height / patchSize;
  const columns = width / patchSize;
  if (!isCount(rows) || !isCount(columns)) {
    throw graphError(
      'GRAPH_SIZE_INVALID',
      `An input of ${height}x${width} pixels cannot be cut into patches of ${patchSize}x${patchSize}: ` +
        `both sides must be multiples of ${patchSize}, such as ${nearest(height, patchSize)}x${nearest(width, patchSize)}.`,
      { height, width, patchSize },
    );
  }
  const positionBytes = 4 * (1 + rows * columns) * hiddenSize;
  if (positionBytes > largestEmbeddedTable) {
    throw graphError(
      'GRAPH_SIZE_INVALID',
      `An input of ${height}x${width} pixels needs position embeddings of ${positionBytes} bytes, more than an ONNX ` +
        `model can hold (${largestEmbeddedTable}): use a smaller input.`,
      { height, width, positionBytes },
    );
  }
  return { rows, columns };
}

/** Protobuf messages end at 2 GiB, and the rest of the model needs room too. */
const largestEmbeddedTable = 2 ** 30;

function layerRange(range: readonly [number, number], layers: number): readonly [number, number] {
  const [from, to] = range;
  if (!Number.isInteger(from) || !Number.isInteger(to) || from < 0 || from >= to || to > layers) {
    throw graphError(
      'GRAPH_LAYER_OUT_OF_RANGE',
      `Layers ${from} to ${to} cannot be built: the model has layers 0 to ${layers - 1}, and a part is ` +
        `[from, to] with 0 <= from < to <= ${layers}.`,
      { from, to, layers },
    );
  }
  return range;
}

function parseOutput(output: string): { kind: string; index: number } {
  const match = /^(?:(last_hidden_state)|(hidden_states|attentions)\.(0|[1-9]\d{0,8}))$/.exec(output);
  if (match === null) {
    throw graphError(
      'GRAPH_OUTPUT_UNKNOWN',
      `There is no output ${JSON.stringify(output)}: known are last_hidden_state, hidden_states.<k> and attentions.<k>.`,
      { output },
    );
  }
  return { kind: match[1] ?? match[2] ?? '', index: Number(match[3] ?? 0) };
}

function outOfRange(output: string, need: string) {
  return graphError('GRAPH_LAYER_OUT_OF_RANGE', `${output} is not in this part: it needs ${need}.`, {
    output,
  });
}

function isCount(value: number): boolean {
  return Number.isSafeInteger(value) && value >= 1;
}
