/** Data of one shard in bytes, at most, unless one tensor alone is larger: the default of the reference's `save_pretrained`. */
const shardLimit = 5_000_000_000;

/** Length of a float32 tensor's data in bytes. */
export function byteLengthOf({ shape }: { readonly shape: readonly number[] }): number {
  return shape.reduce((product, side) => product * side, Float32Array.BYTES_PER_ELEMENT);
}

/** Splits float32 tensors into files as the reference does: one shard is filled after the other, in the order given. */
export function splitIntoShards<Tensor extends { readonly shape: readonly number[] }>(
  tensors: readonly Tensor[],
): readonly (readonly Tensor[])[] {
  let shard: Tensor[] = [];
  const shards = [shard];
  let filled = 0;
  for (const tensor of tensors) {
    const bytes = byteLengthOf(tensor);
    if (filled + bytes > shardLimit && shard.length > 0) {
      shard = [];
      shards.push(shard);
      filled = 0;
    }
    shard.push(tensor);
    filled += bytes;
  }
  return shards;
}
