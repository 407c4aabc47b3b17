import type { ModelSource } from '../model-source.js';

/** A model that counts the graphs it is asked for. */
export function countingModel(model: ModelSource): { readonly model: ModelSource; asked(): number } {
  let count = 0;
  return {
    model: {
      ...model,
      onnx(part) {
        count += 1;
        return model.onnx(part);
      },
    },
    asked: () => count,
  };
}
