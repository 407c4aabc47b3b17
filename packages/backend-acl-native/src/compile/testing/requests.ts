import type { CompilationPlan } from '../compilation-plan.js';

/** What the fixture model of the conformance suite has graphs for. */
export const fixturePlan: CompilationPlan = {
  size: { height: 12, width: 12 },
  outputs: ['last_hidden_state'],
  tokens: 'cls',
  precision: 'fp32',
  soc: 'Ascend910B4',
  batchSizes: [1, 4],
};
