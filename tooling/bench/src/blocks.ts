/** How large each of so many blocks is: they add up to the total, whether it can be divided by their number or not. */
export function blockSize(total: number, blocks: number, block: number): number {
  const border = (number: number) => Math.floor((number * total) / blocks);
  return border(block + 1) - border(block);
}
