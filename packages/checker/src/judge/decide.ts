import type { Rule } from '../verdict.js';
import { few } from '../words.js';

/** What a rule found. */
interface Finding extends Pick<Rule, 'measured' | 'bound' | 'note'> {
  /** Why it fails, each in words. */
  readonly wrong?: readonly string[];
  /** What is not in the log, each in words. */
  readonly missing?: readonly string[];
}

/** FAIL when something is wrong, else MISSING when something is missing, else PASS with the note. */
export function decide(name: string, { wrong = [], missing = [], note, ...figures }: Finding): Rule {
  const reasons = [...wrong, ...missing];
  const status = wrong.length > 0 ? 'FAIL' : missing.length > 0 ? 'MISSING' : 'PASS';
  const words = [...(reasons.length === 0 ? [] : [few(reasons)]), ...(note === undefined ? [] : [note])];
  return { name, status, ...figures, ...(words.length === 0 ? {} : { note: words.join('; ') }) };
}
