/**
 * @param bounds kilobytes by the name of a package
 * @returns a line where an unpacked package is larger than its bound, or has none
 */
export function sizeProblems(
  name: string,
  unpackedBytes: number,
  bounds: Readonly<Record<string, number>>,
): string[] {
  const bound = bounds[name];
  if (bound === undefined) return ['has no bound in tooling/release/size-bounds.json'];
  const kilobytes = unpackedBytes / 1000;
  if (kilobytes <= bound) return [];
  return [
    `is ${kilobytes.toFixed(0)} kB, more than the ${bound} kB of tooling/release/size-bounds.json: make it smaller, or raise the bound and say why`,
  ];
}
