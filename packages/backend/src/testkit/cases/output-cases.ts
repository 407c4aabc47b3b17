import assert from 'node:assert/strict';
import type { TokenSelection } from '../../outputs.js';
import type { CaseDefinition } from '../case-context.js';
import { earlyOutputs, fixtureOutputs } from '../fixture-parts.js';
import { fixturePixels } from '../fixture-pixels.js';

const everyToken: readonly TokenSelection[] = ['all', 'cls', 'patches'];

export const outputCases: readonly CaseDefinition[] = [
  {
    name: 'every output has the right shape and values',
    async check(context) {
      const session = await context.open();
      const result = await session.run(fixturePixels([0]));
      for (const output of fixtureOutputs) context.assertValues(result, [0], output);
    },
  },
  {
    name: 'a run gives the outputs asked for, and no others',
    async check(context) {
      const session = await context.open();
      for (const outputs of [earlyOutputs, ['last_hidden_state'], ['attentions.2']] as const) {
        const result = await session.run(fixturePixels([1]), { outputs });
        assert.deepEqual(Object.keys(result.tensors).sort(), [...outputs].sort());
        for (const output of outputs) context.assertValues(result, [1], output);
      }
    },
  },
  {
    name: 'a run gives the outputs that the session was opened with, and no others',
    async check(context) {
      const session = await context.open({ outputs: earlyOutputs });
      const result = await session.run(fixturePixels([2]));
      assert.deepEqual(Object.keys(result.tensors).sort(), [...earlyOutputs].sort());
      for (const output of earlyOutputs) context.assertValues(result, [2], output);
    },
  },
  {
    name: 'a run gives the tokens asked for',
    async check(context) {
      const session = await context.open();
      for (const tokens of everyToken) {
        const result = await session.run(fixturePixels([0, 1]), { tokens });
        context.assertValues(result, [0, 1], 'last_hidden_state', tokens);
        context.assertValues(result, [0, 1], 'hidden_states.3');
        context.assertValues(result, [0, 1], 'attentions.1');
      }
    },
  },
  {
    name: 'a session opened for some tokens gives those, and refuses others',
    async check(context) {
      for (const tokens of ['cls', 'patches'] as const) {
        const session = await context.open({ outputs: ['last_hidden_state'], tokens });
        const result = await session.run(fixturePixels([0, 1]));
        context.assertValues(result, [0, 1], 'last_hidden_state', tokens);
        await context.assertRejects(
          session.run(fixturePixels([0]), { tokens: 'all' }),
          'BACKEND_OUTPUT_UNAVAILABLE',
          `tokens 'all' of a session opened with '${tokens}'`,
        );
      }
    },
  },
  {
    name: 'an output that the session was not opened with is refused',
    async check(context) {
      const session = await context.open({ outputs: ['last_hidden_state'] });
      await context.assertRejects(
        session.run(fixturePixels([0]), { outputs: ['last_hidden_state', 'hidden_states.1'] }),
        'BACKEND_OUTPUT_UNAVAILABLE',
        'an output that was not named when opening',
      );
      await context.assertUsable(session);
    },
  },
];
