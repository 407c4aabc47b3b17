/**
 * How two durations compare that differ by less than the machine drifts: in each block the other is measured twice between two
 * measurements of the base, so that what gets steadily faster or slower does so for both.
 * @returns of each block, the other's time by the base's
 */
export async function mirroredRatios(
  blocks: number,
  base: () => Promise<number>,
  other: () => Promise<number>,
): Promise<readonly number[]> {
  const ratios: number[] = [];
  for (let block = 0; block < blocks; block++) {
    const before = await base();
    const others = (await other()) + (await other());
    ratios.push(others / (before + (await base())));
  }
  return ratios;
}
