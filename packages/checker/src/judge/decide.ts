import type { Rule } from '../verdict.js';
import { few } from '../words.js';

/** What a rule found. */
interface Finding extends Pick<Rule, 'measured' | 'bound' | 'note'> {
  /** Why it fails, each in words. */
  readonly wrong?: readonly string[];
  /** What is not in the log, each in words; of more than a message shows the first are enough. */
  readonly missing?: readonly string[];
  /** How much is missing. Default: as much as `missing` has. */
  readonly missingCount?: number;
}

/** FAIL when something is wrong, else MISSING when something is missing, else PASS with the note. */
export function decide(
  name: string,
  { wrong = [], missing = [], missingCount = missing.length, note, ...figures }: Finding,
): Rule {
  const reasons = [...wrong, ...missing];
  const count = wrong.length + missingCount;
  const status = wrong.length > 0 ? 'FAIL' : missing.length > 0 ? 'MISSING' : 'PASS';
  const words = [
    ...(reasons.length === 0 ? [] : [few(reasons, count)]),
    ...(note === undefined ? [] : [note]),
  ];
  return { name, status, ...figures, ...(words.length === 0 ? {} : { note: words.join('; ') }) };
}
