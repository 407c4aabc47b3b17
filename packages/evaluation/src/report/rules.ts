import type { Rule } from '@webssl/checker';
import { formatCount } from './format-figure.js';

const order: readonly Rule['status'][] = ['FAIL', 'MISSING', 'PASS'];

/** Failed rules first, then those that nothing decided. */
export function worstRulesFirst(rules: readonly Rule[]): Rule[] {
  return [...rules].sort((a, b) => order.indexOf(a.status) - order.indexOf(b.status));
}

/** `12 of 14 rules pass, 1 fails, 1 is missing` */
export function ruleCounts(rules: readonly Rule[]): string {
  if (rules.length === 0) return 'There is no rule that could be decided.';
  const count = (name: Rule['status']) => rules.filter((rule) => rule.status === name).length;
  const [failed, missing] = [count('FAIL'), count('MISSING')];
  if (failed + missing === 0)
    return rules.length === 1 ? 'The one rule holds.' : `All ${rules.length} rules hold.`;
  const parts = [
    ...(failed > 0 ? [`${failed} of ${formatCount(rules.length, 'rule')} failed`] : []),
    ...(missing > 0 ? [`${missing} could not be decided`] : []),
  ];
  return `${parts.join(', ')}.`;
}
