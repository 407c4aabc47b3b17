/** The fixture: a ViT small enough to read, with dimensions that differ wherever a mix-up could hide. */
export const fixtureShape = {
  hiddenSize: 12,
  layers: 3,
  heads: 2,
  feedForwardSize: 20,
  patchSize: 4,
  imageSize: 12,
  layerNormEpsilon: 1e-6,
  /** 3 x 3 patches and CLS. */
  tokens: 10,
} as const;
