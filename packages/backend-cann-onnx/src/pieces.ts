import {
  type ModelDescription,
  type ModelPart,
  type ModelSource,
  type OnnxModel,
  type OpenOptions,
  type OutputName,
  WebsslError,
} from '@webssl/backend';
import type { PieceSetup } from './session-setup.js';

type Part = Pick<ModelPart, 'size' | 'batch' | 'outputs' | 'tokens'>;

interface Piece {
  readonly model: OnnxModel;
  /** The layer after its last one. */
  readonly to: number;
  /** The output that the next piece begins with. */
  readonly handsOn?: OutputName;
}

/**
 * The graphs of a model such that none has more than `limit` bytes of weights: one where it all fits, else pieces by layers, each of
 * which takes the hidden states that the one before it gives. An output is in the piece that computes it.
 * @throws WebsslError `CANN_LAYER_TOO_LARGE` where one layer alone exceeds the limit; what the model source throws.
 */
export async function planPieces(
  model: ModelSource,
  { size, outputs, tokens = 'all' }: OpenOptions,
  batch: ModelPart['batch'],
  limit: number,
): Promise<readonly PieceSetup[]> {
  const part: Part = { size, batch, outputs, tokens };
  const whole = await model.onnx(part);
  if (whole.weightBytes <= limit) return [pieceSetup({ model: whole, to: 0 })];
  const { layers } = model.describe();
  const end = lastLayer(outputs, layers);
  const pieces: Piece[] = [];
  for (let from = 0; from < end; from = pieces.at(-1)?.to ?? end) {
    pieces.push(await longestPiece(model, part, from, end, limit));
  }
  return pieces.map(pieceSetup);
}

/** The longest piece from a layer on that fits, by bisection: every layer more is more weights. */
async function longestPiece(
  model: ModelSource,
  part: Part,
  from: number,
  end: number,
  limit: number,
): Promise<Piece> {
  let best = await buildPiece(model, part, from, from + 1, end);
  if (best.model.weightBytes > limit)
    throw layerTooLarge(from, best.model.weightBytes, limit, model.describe());
  let tooLong = end + 1;
  while (tooLong - best.to > 1) {
    const candidate = await buildPiece(model, part, from, Math.floor((best.to + tooLong) / 2), end);
    if (candidate.model.weightBytes <= limit) best = candidate;
    else tooLong = candidate.to;
  }
  return best;
}

async function buildPiece(
  model: ModelSource,
  { outputs, ...part }: Part,
  from: number,
  to: number,
  end: number,
): Promise<Piece> {
  const inside = outputs.filter((output) => isInside(output, from, to, end));
  if (to === end) return { model: await model.onnx({ ...part, layers: [from, to], outputs: inside }), to };
  const handsOn: OutputName = `hidden_states.${to}`;
  const given = inside.includes(handsOn) ? inside : [...inside, handsOn];
  return { model: await model.onnx({ ...part, layers: [from, to], outputs: given }), to, handsOn };
}

/** Whether a piece of the layers `from` to `to` computes an output. What it begins with, the piece before it gives. */
function isInside(output: OutputName, from: number, to: number, end: number): boolean {
  const { kind, index } = parse(output);
  if (kind === 'last_hidden_state') return to === end;
  if (kind === 'attentions') return from <= index && index < to;
  return (from === 0 ? 0 : from + 1) <= index && index <= to;
}

/** The layer after the last one that the outputs need. */
function lastLayer(outputs: readonly OutputName[], layers: number): number {
  return Math.max(
    1,
    ...outputs.map((output) => {
      const { kind, index } = parse(output);
      if (kind === 'last_hidden_state') return layers;
      return kind === 'attentions' ? index + 1 : index;
    }),
  );
}

function parse(output: OutputName): { readonly kind: string; readonly index: number } {
  const [kind = '', index = '0'] = output.split('.');
  return { kind, index: Number(index) };
}

function pieceSetup({ model, handsOn }: Piece): PieceSetup {
  const { bytes, folder, files, input, outputs } = model;
  return { graph: bytes, folder, files, input, outputs, ...(handsOn && { handsOn }) };
}

function layerTooLarge(layer: number, bytes: number, limit: number, { id }: ModelDescription): WebsslError {
  return new WebsslError({
    code: 'CANN_LAYER_TOO_LARGE',
    message:
      `Layer ${layer} of ${id}, with what belongs to it, has ${bytes} bytes of weights; one graph may have ${limit}. ` +
      'Raise pieceBytes where it is below the limit of CANN (2 GiB); else use the backend acl-native, which has no such limit.',
    details: { layer, bytes, limit },
  });
}
