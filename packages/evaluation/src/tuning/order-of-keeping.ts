import type { LayerShare } from './tune-options.js';

/** Times are taken to be known to this part of the largest one: below it, a linear layer that int8 makes no faster would always come first. */
const timeResolution = 0.1;

/**
 * The linear layers in the order in which they are best kept in float32: what takes away most error for the time that it costs comes
 * first. A layer's error is that of the full state or of CLS, whichever is larger.
 */
export function orderOfKeeping(layers: readonly LayerShare[]): readonly string[] {
  const largestSaving = Math.max(
    ...layers.flatMap(({ linears }) => linears.map(({ savedMilliseconds }) => savedMilliseconds)),
  );
  const leastSaving = Math.max(largestSaving * timeResolution, Number.MIN_VALUE);
  return layers
    .flatMap(({ nmse: layerNmse, clsNmse, linears }) => {
      const emphasis = layerNmse > 0 ? Math.max(1, clsNmse / layerNmse) : 1;
      return linears.map(({ name, nmse, savedMilliseconds }) => ({
        name,
        worth: (nmse * emphasis) / Math.max(savedMilliseconds, leastSaving),
      }));
    })
    .sort((a, b) => b.worth - a.worth)
    .map(({ name }) => name);
}
