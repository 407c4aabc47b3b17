import { existsSync } from 'node:fs';
import { readFile, rm } from 'node:fs/promises';
import { WebsslError } from '@webssl/backend';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { DownloadCase, freshFolder } from './testing/download-case.js';
import { bytesFrom } from './testing/file-of.js';
import type { ScriptedAnswer } from './testing/scripted-source.js';
import { TransferProblem } from './transfer-problem.js';

// Every download waits for the disk several times, and beside other tests that write gigabytes each wait may take a second.
const patience = 600_000;

const size = 60_000;
const content = bytesFrom(1, size);
const count = fc.nat(size);

const answers: fc.Arbitrary<ScriptedAnswer> = fc.oneof(
  { weight: 4, arbitrary: fc.constant({}) },
  {
    weight: 5,
    arbitrary: fc.record(
      {
        dropAfter: count,
        endAfter: count,
        isWhole: fc.boolean(),
        totalBytes: fc.constantFrom(null, size, size - 1),
        shift: fc.integer({ min: -50, max: 1 }).map((shift) => Math.min(shift, 1)),
        goesOn: fc.boolean(),
        alteredAt: count,
      },
      { requiredKeys: [] },
    ),
  },
  {
    weight: 2,
    arbitrary: fc.constantFrom(416, 429, 500, 503, undefined).map((status) => ({
      refusal: new TransferProblem(`status ${status}`, status === undefined ? {} : { status }),
    })),
  },
);

const typedCodes = new Set([
  'HUB_UNREACHABLE',
  'HUB_RATE_LIMITED',
  'HUB_SIZE_MISMATCH',
  'HUB_CHECKSUM_MISMATCH',
]);

it(
  'gives the right bytes or a typed error, whatever goes wrong, and no byte too few after it',
  async () => {
    const folder = await freshFolder();
    const outcomes = new Map<string, number>();
    await fc.assert(
      fc.asyncProperty(
        fc.array(answers, { maxLength: 25 }),
        fc.constantFrom(1, 2, 4),
        fc.constantFrom(5_000, 17_000, size),
        fc.boolean(),
        async (script, connections, pieceBytes, isLengthKnown) => {
          const download = new DownloadCase(folder, content, isLengthKnown ? {} : { bytes: undefined });
          const safeScript = (index: number, range: { readonly start: number } | undefined) => {
            const answer = script[index] ?? {};
            return { ...answer, shift: Math.max(answer.shift ?? 0, -(range?.start ?? 0)) };
          };
          let outcome = 'done';
          try {
            await download.run(safeScript, { connections, pieceBytes });
          } catch (error) {
            if (!WebsslError.isInstance(error) || !typedCodes.has(error.code)) throw error;
            outcome = error.code;
          }
          outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
          expect(existsSync(download.destination)).toBe(outcome === 'done');
          if (outcome !== 'done') {
            expect(await download.presentBytes()).toBe(download.countedBytes);
            await download.run([], { connections, pieceBytes });
          }
          expect(Buffer.compare(await readFile(download.destination), content)).toBe(0);
          expect(download.countedBytes).toBe(size);
          expect(await download.isDone()).toBe(true);
          await rm(download.destination);
        },
      ),
      { numRuns: 150 },
    );
    await rm(folder, { recursive: true });
    // Which errors come is left to chance.
    expect(outcomes.get('done')).toBeGreaterThan(0);
    expect(outcomes.size).toBeGreaterThan(1);
  },
  patience,
);
