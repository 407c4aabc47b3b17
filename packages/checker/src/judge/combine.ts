import type { Rule } from '../verdict.js';
import { few } from '../words.js';

/**
 * One rule out of several that say together whether one thing holds: FAIL when one fails, else MISSING when one is missing.
 * What did not pass is told in the note, with the name of its rule; figure, bound and note are those of `shown`.
 */
export function combine(name: string, rules: readonly Rule[], shown: Partial<Rule> = {}): Rule {
  const open = rules.filter(({ status }) => status !== 'PASS');
  const status = open.some((rule) => rule.status === 'FAIL') ? 'FAIL' : (open[0]?.status ?? 'PASS');
  const reasons = open
    .filter((rule) => rule.name !== shown.name)
    .map((rule) => [rule.name, rule.note ?? rule.measured].filter((part) => part !== undefined).join(': '));
  const note = [
    ...(reasons.length === 0 ? [] : [few(reasons)]),
    ...(shown.note === undefined ? [] : [shown.note]),
  ];
  return {
    name,
    status,
    ...(shown.measured === undefined ? {} : { measured: shown.measured }),
    ...(shown.bound === undefined ? {} : { bound: shown.bound }),
    ...(note.length === 0 ? {} : { note: note.join('; ') }),
  };
}
