import { describe, expect, it } from 'vitest';
import { findCatalogueEntry } from './catalogue.js';
import { byteLengthOf, splitIntoShards } from './shards.js';
import { tensorLayout } from './tensor-layout.js';

describe('splitIntoShards', () => {
  // Published: mae2b has two shards. The sizes are those of a run of the reference's rule.
  it.each([
    ['webssl-mae700m-full2b-224', ['2.530']],
    ['webssl-mae2b-full2b-224', ['4.982', '3.383']],
    ['webssl-mae3b-full2b-224', ['4.995', '4.985', '1.850']],
    ['webssl-dino2b-full2b-224', ['4.983', '3.354']],
    ['webssl-dino3b-full2b-224', ['4.995', '4.985', '1.813']],
  ])('fills the shards of %s as the reference does', (name, gigabytes) => {
    const entry = findCatalogueEntry(name);
    const shards = splitIntoShards(entry === undefined ? [] : tensorLayout(entry.config));
    expect(
      shards.map((shard) => (shard.reduce((sum, tensor) => sum + byteLengthOf(tensor), 0) / 1e9).toFixed(3)),
    ).toEqual(gigabytes);
  });

  it('keeps the order, and gives a tensor that is too large a shard of its own', () => {
    const small = { shape: [1000] };
    const huge = { shape: [2_000_000_000] };
    expect(splitIntoShards([huge, small, small, huge])).toEqual([[huge], [small, small], [huge]]);
  });
});
