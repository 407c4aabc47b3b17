import { z } from 'zod';
import type { HubDoubleOptions } from './options.js';

const file = z.union([
  z.string(),
  z.strictObject({ contents: z.string(), lfs: z.boolean().optional() }),
  z.strictObject({ file: z.string().min(1), lfs: z.boolean().optional() }),
  z.strictObject({
    bytes: z.int().nonnegative(),
    seed: z.int().nonnegative().optional(),
    lfs: z.boolean().optional(),
  }),
]);

/** The options that the program takes: those without faults, quirks and secrets. */
const schema = z.strictObject({
  repositories: z.array(
    z.strictObject({
      id: z.string().min(1),
      license: z.string().optional(),
      commits: z.array(
        z.strictObject({
          commit: z.string().optional(),
          references: z.array(z.string()).optional(),
          files: z.record(z.string(), file),
        }),
      ),
    }),
  ),
  bytesPerSecond: z.number().positive().optional(),
});

/** What the program's JSON file may say. */
export type ProgramOptions = z.input<typeof schema>;

/** @throws ZodError or SyntaxError where the text is not JSON of this form. */
export function parseProgramOptions(text: string): HubDoubleOptions {
  // zod writes an absent field's type with `undefined`; JSON has no such value.
  return schema.parse(JSON.parse(text)) as HubDoubleOptions;
}
