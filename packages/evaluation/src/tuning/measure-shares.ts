import type { ImageSize, Tensor } from '@webssl/backend';
import type { GraphRun, GraphRunner } from '@webssl/backend-cpu';
import { type LinearLayer, linearLayers, type Workbench } from '@webssl/graph/quantization';
import { median, nmse } from '@webssl/metrics';
import type { ModelConfig } from '@webssl/registry';
import type { Float32Reference } from './float32-reference.js';
import type { LayerShare } from './tune-options.js';

interface LinearMeasurement {
  readonly linear: LinearLayer;
  readonly layerNmse: number;
  readonly savedMilliseconds: number;
}

interface LayerMeasurement extends Pick<LayerShare, 'layer' | 'nmse' | 'clsNmse'> {
  readonly linears: readonly LinearMeasurement[];
}

/**
 * How much of the error each layer and each of its linear layers causes. A layer is computed with one linear layer in int8, on
 * tokens that are exact, and compared with float32; then the model is computed on from there to its end with that whole layer in
 * int8, since what an error becomes on the way depends on the layers after it.
 */
export async function measureShares(
  config: ModelConfig,
  size: ImageSize,
  reference: Float32Reference,
  {
    runner,
    workbench,
    onLayer,
    signal,
  }: {
    readonly runner: GraphRunner;
    readonly workbench: Workbench;
    /** Called with the number of layers that are done. Its errors end the measuring. */
    readonly onLayer: (done: number) => void;
    readonly signal: AbortSignal | undefined;
  },
): Promise<readonly LayerShare[]> {
  const layers: LayerMeasurement[] = [];
  for (let layer = 0; layer < config.layers; layer++) {
    const given = reference.layerInputs.map((inputs) => inputs[layer] as Tensor);
    const expected = reference.layerInputs.map((inputs) => inputs[layer + 1] as Tensor);
    const name = `hidden_states.${layer + 1}` as const;
    const alone = async (isInt8: (linear: LinearLayer) => boolean) => {
      signal?.throwIfAborted();
      const part = { size, batch: 1, layers: [layer, layer + 1], outputs: [name] } as const;
      return runner.run(await workbench.graph(part, isInt8), given);
    };
    const float32 = shortest(await alone(() => false));
    const linears: LinearMeasurement[] = [];
    for (const linear of linearLayers(config).filter((one) => one.layer === layer)) {
      const runs = await alone((one) => one.name === linear.name);
      linears.push({
        linear,
        layerNmse: meanNmse(runs, name, expected),
        savedMilliseconds: float32 - shortest(runs),
      });
    }
    signal?.throwIfAborted();
    const onward = await runner.run(
      await workbench.graph(
        { size, batch: 1, layers: [layer, config.layers], outputs: ['last_hidden_state'] },
        (one) => one.layer === layer,
      ),
      given,
    );
    layers.push({
      layer,
      nmse: meanNmse(onward, 'last_hidden_state', reference.finals),
      clsNmse: meanNmse(onward, 'last_hidden_state', reference.finals, config.hiddenSize),
      linears,
    });
    onLayer(layer + 1);
  }
  return withShares(layers);
}

/** The layers' errors shared out to their linear layers; saved times as medians by role, since single ones are noise. */
function withShares(layers: readonly LayerMeasurement[]): readonly LayerShare[] {
  const saved = new Map<string, number[]>();
  for (const { linear, savedMilliseconds } of layers.flatMap(({ linears }) => linears)) {
    saved.set(linear.role, [...(saved.get(linear.role) ?? []), savedMilliseconds]);
  }
  return layers.map(({ linears, ...layer }) => {
    const total = linears.reduce((sum, { layerNmse }) => sum + layerNmse, 0);
    return {
      ...layer,
      linears: linears.map(({ linear, layerNmse }) => ({
        name: linear.name,
        layerNmse,
        nmse: total > 0 ? (layer.nmse * layerNmse) / total : 0,
        savedMilliseconds: median(saved.get(linear.role) ?? [0]),
      })),
    };
  });
}

function shortest(runs: readonly GraphRun[]): number {
  return Math.min(...runs.map(({ milliseconds }) => milliseconds));
}

/** @param length numbers that are compared, from the first on; default: all */
function meanNmse(
  runs: readonly GraphRun[],
  output: string,
  expected: readonly Tensor[],
  length?: number,
): number {
  const errors = runs.map(({ outputs }, image) =>
    nmse(
      (outputs[output]?.data ?? new Float32Array()).subarray(0, length),
      (expected[image]?.data ?? new Float32Array()).subarray(0, length),
    ),
  );
  return errors.reduce((sum, error) => sum + error, 0) / errors.length;
}
