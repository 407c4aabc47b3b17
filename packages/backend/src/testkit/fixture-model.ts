import { realpathSync } from 'node:fs';
import type { ModelSource } from '../model-source.js';
import { WebsslError } from '../webssl-error.js';
import { checkpointFolder, readGraph, weightsFile } from './fixture-files.js';
import { findFixturePart, fixtureParts } from './fixture-parts.js';
import { fixtureShape } from './fixture-shape.js';

const { hiddenSize, layers, heads, patchSize, imageSize } = fixtureShape;

/** Key of the fixture model. */
export const fixtureKey = 'webssl-testkit-fixture-1';

/**
 * The model of the conformance suite: a ViT of 3 layers, 12 wide, for images of 12 x 12, with seeded weights in a
 * safetensors file that its graphs point into. It has graphs for the parts of `fixtureParts` only.
 */
export function fixtureModel(): ModelSource {
  return {
    key: fixtureKey,
    // Its files never change.
    fingerprint: async () => fixtureKey,
    describe: () => ({
      id: 'testkit-fixture',
      architecture: 'vit',
      hiddenSize,
      layers,
      heads,
      patchSize,
      imageSize: { height: imageSize, width: imageSize },
      weightType: 'F32',
      weightBytes: 17_184,
      synthetic: true,
    }),
    async onnx(asked) {
      const part = findFixturePart(asked);
      if (part === undefined) {
        throw new WebsslError({
          code: 'GRAPH_PART_UNAVAILABLE',
          message:
            `The fixture model has no graph for ${JSON.stringify(asked)}. ` +
            `It has: ${fixtureParts.map(({ file }) => file).join(', ')}.`,
          details: { asked },
        });
      }
      return {
        bytes: readGraph(part.file),
        folder: realpathSync(checkpointFolder),
        files: [weightsFile],
        weightBytes: part.weightBytes,
        input: part.layers[0] === 0 ? 'pixel_values' : 'hidden_states',
        outputs: asked.outputs,
      };
    },
  };
}
