import type { Rule, Verdict } from '../verdict.js';

/** The rule of a name. */
export function ruleOf({ rules }: Verdict, name: string): Rule {
  const rule = rules.find((one) => one.name === name);
  if (rule === undefined) throw new Error(`no rule ${name} among ${rules.map((one) => one.name).join(', ')}`);
  return rule;
}

/** The names of the rules that do not pass. */
export function failing({ rules }: Verdict): string[] {
  return rules.filter(({ status }) => status !== 'PASS').map(({ name }) => name);
}
