import { WebsslError } from '@webssl/backend';
import type { TensorEntry, TensorIndex } from '@webssl/tensor-files';
import type { ModelConfig } from './model-config.js';
import { type TensorSpecification, tensorLayout, unusedTensors } from './tensor-layout.js';
import { canonicalTensorName, isSplitGate } from './tensor-names.js';

/** A config's view of the tensors in a checkpoint's files. */
export interface MatchedTensors {
  /** The required tensors, under their original names. */
  readonly tensors: ReadonlyMap<string, TensorEntry>;
  /** Names in the files that the architecture has no use for. */
  readonly unexpected: readonly string[];
}

/**
 * Finds every tensor that an architecture needs and checks shapes and number type.
 *
 * @param folder named in errors
 * @throws WebsslError `CHECKPOINT_TENSORS_MISSING`, `CHECKPOINT_CONTRADICTORY`, `CHECKPOINT_NAMES_AMBIGUOUS`,
 * `CHECKPOINT_GATE_SPLIT`, `CHECKPOINT_TYPE_UNSUPPORTED`.
 */
export function matchTensors(config: ModelConfig, index: TensorIndex, folder: string): MatchedTensors {
  const required = tensorLayout(config).filter((tensor) => tensor.required);
  const { tensors, unexpected } = sortOut(config, index, required, folder);
  refuseSplitGates(unexpected, folder);
  const missing = required.map(({ name }) => name).filter((name) => !tensors.has(name));
  if (missing.length > 0) throw tensorsMissing(missing, unexpected, folder);
  requireShapes(required, tensors, folder);
  refuseTensorsBeyondConfig(config, unexpected, folder);
  requireFloat32(tensors, folder);
  return { tensors, unexpected };
}

function sortOut(
  config: ModelConfig,
  index: TensorIndex,
  required: readonly TensorSpecification[],
  folder: string,
): MatchedTensors {
  const names = new Set(required.map(({ name }) => name));
  const tensors = new Map<string, TensorEntry>();
  const unexpected: string[] = [];
  for (const entry of index.tensors.values()) {
    const name = canonicalTensorName(entry.name, config.modelType);
    const other = tensors.get(name);
    if (other !== undefined) {
      throw new WebsslError({
        code: 'CHECKPOINT_NAMES_AMBIGUOUS',
        message: `The checkpoint in ${folder} holds ${name} twice, as ${other.name} and as ${entry.name}. Keep one of them.`,
        details: { folder, tensor: name, spellings: [other.name, entry.name] },
      });
    }
    if (names.has(name)) tensors.set(name, entry);
    else if (!unusedTensors.has(name)) unexpected.push(entry.name);
  }
  return { tensors, unexpected };
}

function refuseSplitGates(unexpected: readonly string[], folder: string): void {
  const split = unexpected.filter(isSplitGate);
  if (split.length === 0) return;
  throw new WebsslError({
    code: 'CHECKPOINT_GATE_SPLIT',
    message:
      `The checkpoint in ${folder} keeps the SwiGLU input matrices in halves (${shorten(split)}). ` +
      "Save it with transformers' save_pretrained, which joins them to mlp.weights_in.",
    details: { folder, tensors: split },
  });
}

function tensorsMissing(missing: readonly string[], unexpected: readonly string[], folder: string) {
  const hint =
    unexpected.length === 0
      ? 'The file is incomplete or its config.json belongs to another model.'
      : `It holds ${unexpected.length} that config.json does not explain: ${shorten(unexpected)}.`;
  return new WebsslError({
    code: 'CHECKPOINT_TENSORS_MISSING',
    message: `The checkpoint in ${folder} lacks ${missing.length} tensors: ${shorten(missing)}. ${hint}`,
    details: { folder, missing, unexpected },
  });
}

function requireShapes(
  required: readonly TensorSpecification[],
  tensors: ReadonlyMap<string, TensorEntry>,
  folder: string,
): void {
  const wrong = required.flatMap(({ name, shape }) => {
    const found = tensors.get(name)?.shape ?? [];
    return shape.join() === found.join() ? [] : [{ tensor: name, expected: shape, found }];
  });
  const [first] = wrong;
  if (first === undefined) return;
  const others = wrong.length === 1 ? '' : ` (and ${wrong.length - 1} more)`;
  throw contradictory(
    folder,
    `${first.tensor} has shape [${first.found.join(', ')}], config.json asks for [${first.expected.join(', ')}]${others}`,
    { wrong },
  );
}

/** Running fewer layers or leaving out biases would give wrong features without any other sign. */
function refuseTensorsBeyondConfig(config: ModelConfig, unexpected: readonly string[], folder: string): void {
  for (const spelling of unexpected) {
    const name = canonicalTensorName(spelling, config.modelType);
    const layer = /^encoder\.layer\.(\d+)\./.exec(name)?.[1];
    if (layer !== undefined && Number(layer) >= config.layers) {
      throw contradictory(folder, `config.json says ${config.layers} layers, but there is ${spelling}`, {
        tensor: spelling,
      });
    }
    if (!config.queryKeyValueBias && /\.attention\.attention\.(query|key|value)\.bias$/.test(name)) {
      throw contradictory(folder, `config.json says qkv_bias false, but there is ${spelling}`, {
        tensor: spelling,
      });
    }
  }
}

function requireFloat32(tensors: ReadonlyMap<string, TensorEntry>, folder: string): void {
  const others = [...tensors.values()].filter(({ type }) => type !== 'F32');
  const [first] = others;
  if (first === undefined) return;
  throw new WebsslError({
    code: 'CHECKPOINT_TYPE_UNSUPPORTED',
    message:
      `The checkpoint in ${folder} stores ${others.length} of ${tensors.size} tensors in another type than F32 ` +
      `(${first.name}: ${first.type}). Web-SSL is published in float32: use those files, or save this checkpoint in float32.`,
    details: { folder, tensor: first.name, type: first.type, count: others.length },
  });
}

function contradictory(
  folder: string,
  problem: string,
  details: Readonly<Record<string, unknown>>,
): WebsslError {
  return new WebsslError({
    code: 'CHECKPOINT_CONTRADICTORY',
    message: `The tensors in ${folder} contradict its config.json: ${problem}. The two files belong to different models.`,
    details: { folder, ...details },
  });
}

function shorten(names: readonly string[]): string {
  const shown = 5;
  const rest = names.length - shown;
  return names.slice(0, shown).join(', ') + (rest > 0 ? ` and ${rest} more` : '');
}
