import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ModelSource, OnnxModel } from '../../model-source.js';
import { WebsslError } from '../../webssl-error.js';
import type { CaseContext, CaseDefinition } from '../case-context.js';
import { countingModel } from '../counting-model.js';
import { fixtureModel } from '../fixture-model.js';

export const openingCases: readonly CaseDefinition[] = [
  {
    name: 'the model is asked for a graph when opening, not before',
    async check(context) {
      const { model, asked } = countingModel(fixtureModel());
      await context.backend.probe();
      assert.equal(asked(), 0, 'graphs asked for before opening');
      await context.assertUsable(await context.open({}, model));
      assert.ok(asked() >= 1, 'opened without the graph of the model');
    },
  },
  {
    name: 'an error of the model source is the error of the opening',
    async check(context) {
      const error = new WebsslError({
        code: 'GRAPH_TEST',
        message: 'The testkit refuses to build this graph.',
      });
      const model: ModelSource = { ...fixtureModel(), onnx: () => Promise.reject(error) };
      await context.assertRejects(context.open({}, model), 'GRAPH_TEST', 'a model source that fails');
      await context.assertUsable(await context.open());
    },
  },
  {
    name: 'outputs that the model does not have are refused',
    async check(context) {
      const refused = await refusal(context.open({ outputs: ['hidden_states.99'] }));
      assert.match(refused.code, /^(GRAPH|BACKEND)_/);
    },
  },
  {
    name: 'a graph that is none is refused',
    async check(context) {
      const model = changed((onnx) => ({ ...onnx, bytes: new Uint8Array(64).fill(0xff) }));
      await assertOpeningFails(context, model);
    },
  },
  {
    name: 'weights that are not there are an error',
    async check(context) {
      const folder = await mkdtemp(join(tmpdir(), 'webssl-testkit-'));
      try {
        await assertOpeningFails(
          context,
          changed((onnx) => ({ ...onnx, folder })),
        );
      } finally {
        await rm(folder, { recursive: true });
      }
    },
  },
];

function changed(change: (onnx: OnnxModel) => OnnxModel): ModelSource {
  const model = fixtureModel();
  return { ...model, onnx: async (part) => change(await model.onnx(part)) };
}

/** Fails unless opening is refused with a typed error and the backend still works. */
async function assertOpeningFails(context: CaseContext, model: ModelSource): Promise<void> {
  const error = await refusal(context.open({}, model));
  assert.match(error.code, /^BACKEND_/);
  assert.notEqual(error.code, 'BACKEND_LOST', error.message);
  await context.assertUsable(await context.open());
}

async function refusal(opening: Promise<unknown>): Promise<WebsslError> {
  const outcome = await opening.then(
    () => assert.fail('the opening was not refused'),
    (error: unknown) => error,
  );
  assert.ok(WebsslError.isInstance(outcome), `refused with ${String(outcome)}, which is no WebsslError`);
  return outcome;
}
