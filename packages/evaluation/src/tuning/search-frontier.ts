import type { FrontierPoint } from './tune-options.js';

/** Most steps of halving between the last plan that breaks the bound and the first that keeps it. */
const mostHalvings = 3;

/** Whether the full state and CLS of every image are within a bound. */
export function keepsBound({ nmse, clsNmse }: FrontierPoint, bound: number): boolean {
  return nmse <= bound && clsNmse <= bound;
}

/**
 * Measures plans with more and more linear layers in float32, in the order in which they are best kept: none, 1, 2, 4 and so on until
 * the bound is kept; then, between the last that broke it and the first that kept it, by halving.
 * @param measure measures the plan with that many in float32
 * @returns the points by their number of layers in float32; the first that keeps the bound, if there is one, is the best plan
 */
export async function searchFrontier(
  linears: number,
  bound: number,
  measure: (kept: number) => Promise<FrontierPoint>,
): Promise<readonly FrontierPoint[]> {
  const points = new Map<number, FrontierPoint>();
  const holds = async (kept: number) => {
    const point = await measure(kept);
    points.set(kept, point);
    return keepsBound(point, bound);
  };
  let broken = -1;
  let kept = 0;
  // With all of them it would be the float32 model.
  const most = Math.max(0, linears - 1);
  let isKept = await holds(kept);
  while (!isKept && kept < most) {
    broken = kept;
    kept = Math.min(most, kept === 0 ? 1 : kept * 2);
    isKept = await holds(kept);
  }
  for (let step = 0; isKept && step < mostHalvings && kept - broken > 1; step++) {
    const middle = Math.floor((broken + kept) / 2);
    if (await holds(middle)) kept = middle;
    else broken = middle;
  }
  return [...points.entries()].sort(([a], [b]) => a - b).map(([, point]) => point);
}
