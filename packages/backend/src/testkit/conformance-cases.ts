import { CaseContext } from './case-context.js';
import { abortCases } from './cases/abort-cases.js';
import { batchCases } from './cases/batch-cases.js';
import { closingCases, lossCases } from './cases/closing-cases.js';
import { concurrencyCases } from './cases/concurrency-cases.js';
import { cycleCases } from './cases/cycle-cases.js';
import { deviceCases } from './cases/device-cases.js';
import { inputCases } from './cases/input-cases.js';
import { openingCases } from './cases/opening-cases.js';
import { outputCases } from './cases/output-cases.js';
import type { ConformanceCase, ConformanceOptions, MakeBackend } from './conformance-options.js';

/**
 * The checks that every backend must pass, for any test runner: give each its name and call `run`. They use
 * `fixtureModel()`, take turns with nothing, and share nothing with each other.
 */
export function conformanceCases(
  makeBackend: MakeBackend,
  options: ConformanceOptions = {},
): readonly ConformanceCase[] {
  return [
    ...deviceCases,
    ...openingCases,
    ...outputCases,
    ...batchCases,
    ...inputCases,
    ...concurrencyCases,
    ...abortCases,
    ...closingCases,
    ...lossCases(options),
    ...cycleCases(options),
  ].map(({ name, check, timeoutMilliseconds }) => ({
    name,
    ...(timeoutMilliseconds !== undefined && { timeoutMilliseconds }),
    async run() {
      const context = new CaseContext(await makeBackend(), options);
      try {
        await check(context);
      } finally {
        await context.closeAll();
      }
    },
  }));
}
