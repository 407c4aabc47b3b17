import { type CatalogueEntry, catalogue } from '../../catalogue.js';
import type { ModelConfig } from '../../model-config.js';

/** A catalogue entry of one family with another architecture. */
export function entryWith(family: CatalogueEntry['family'], config: Partial<ModelConfig>): CatalogueEntry {
  const entry = catalogue().find((candidate) => candidate.family === family);
  if (entry === undefined) throw new Error(`the catalogue has no ${family}`);
  return { ...entry, id: `test/${family}`, config: { ...entry.config, ...config } };
}

/** A Web-MAE of 13 MB whose feed-forward matrices are too long for one job of a worker. */
export const smallEntry = entryWith('Web-MAE', {
  hiddenSize: 512,
  layers: 1,
  heads: 8,
  imageSize: 28,
  patchSize: 14,
  feedForwardSize: 2100,
});
