import type { FeatureOutput } from './feature-output.js';

/** For features that only go to stdout. */
export const noOutput: FeatureOutput = {
  append: async () => undefined,
  appendError: async () => undefined,
  finish: async () => undefined,
  abort: async () => undefined,
};
