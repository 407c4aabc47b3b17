import { findCatalogueEntry } from '@webssl/registry';
import { describe, expect, it } from 'vitest';
import { countOperations } from './floating-point-operations.js';

function count(id: string): number {
  const entry = findCatalogueEntry(id);
  if (entry === undefined) throw new Error(`${id} is not in the catalogue`);
  const { imageSize } = entry.config;
  return countOperations(entry.config, { height: imageSize, width: imageSize }).total;
}

describe('countOperations', () => {
  it('is within 0.1 % of the 167.4 GMAC that timm publishes for ViT-H/14 at 224 pixels', () => {
    const published = 2 * 167.4e9;
    expect(Math.abs(count('webssl-mae700m-full2b-224') / published - 1)).toBeLessThan(1e-3);
  });

  // torch.utils.flop_counter.FlopCounterMode (torch 2.13.0) around ViTModel and Dinov2Model (transformers 5.18.0),
  // without pooler, on the meta device.
  it.each([
    ['webssl-mae700m-full2b-224', 334_587_658_240],
    ['webssl-dino1b-full2b-224', 598_780_133_376],
    ['webssl-dino7b-full8b-518', 18_648_692_260_864],
  ])('agrees with the count of PyTorch for %s', (id, expected) => {
    expect(count(id)).toBe(expected);
  });
});
