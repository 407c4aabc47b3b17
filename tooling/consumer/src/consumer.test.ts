import { describe } from 'vitest';
import { publicRegistryProblem } from './registry/public-registry.js';
import { testBackends } from './stories/backends.js';
import { testExamples } from './stories/examples.js';
import { testInstallation } from './stories/installation.js';
import { testLanguages } from './stories/languages.js';
import { Stranger } from './stranger.js';

describe.skipIf(publicRegistryProblem !== '')(
  `in other people's projects${publicRegistryProblem}`,
  { timeout: 600_000 },
  () => {
    const stranger = new Stranger();
    describe('installing', () => testInstallation(stranger));
    describe('languages and bundlers', () => testLanguages(stranger));
    describe('backends', () => testBackends(stranger));
    describe('examples', () => testExamples(stranger));
  },
);
