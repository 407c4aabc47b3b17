export { conformanceCases } from './conformance-cases.js';
export type { ConformanceCase, ConformanceOptions, MakeBackend } from './conformance-options.js';
export { expectedTensor } from './expected-tensor.js';
export { fixtureModel } from './fixture-model.js';
export { type FixturePart, fixtureOutputs, fixtureParts } from './fixture-parts.js';
export { fixturePixels } from './fixture-pixels.js';
export { type ReferenceOptions, referenceBackend } from './reference-backend.js';
