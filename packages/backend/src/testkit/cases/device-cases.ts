import assert from 'node:assert/strict';
import type { CaseDefinition } from '../case-context.js';
import { fixturePixels } from '../fixture-pixels.js';

export const deviceCases: readonly CaseDefinition[] = [
  {
    name: 'the backend says which version of the contract it fulfils, and its id',
    async check({ backend }) {
      assert.equal(backend.specificationVersion, 'v1');
      assert.match(backend.id, /^[a-z][a-z0-9-]*$/);
    },
  },
  {
    name: 'the probe reports the device that a session then names',
    async check(context) {
      const report = await context.backend.probe();
      assert.ok(report.usable, `not usable: ${report.usable ? '' : report.reason}`);
      const { device } = await context.open();
      assert.equal(device.backend, context.backend.id, 'backend');
      assert.equal(device.library, report.library, 'library');
      const named = report.devices.find(({ index }) => index === (device.index ?? 0));
      assert.equal(device.name, named?.name, 'name of the device');
      assert.ok(device.name.length > 0 && device.library.length > 0, 'a name is empty');
    },
  },
  {
    name: 'the session reports the precision and isolation that were asked for',
    async check(context) {
      const { precision, isolation } = context.openOptions();
      const { device } = await context.open();
      assert.equal(device.precision, precision);
      assert.ok(['process', 'thread'].includes(device.isolation), `isolation '${device.isolation}'`);
      if (isolation) assert.equal(device.isolation, isolation);
    },
  },
  {
    name: 'a precision that the backend does not have is refused, not replaced',
    async check(context) {
      const opening = context.open({ precision: 'fp7' });
      await context.assertRejects(opening, 'BACKEND_PRECISION_UNSUPPORTED', "precision 'fp7'");
      await context.assertUsable(await context.open());
    },
  },
  {
    name: 'the batch sizes are ascending whole numbers of at least 1',
    async check(context) {
      const { batchSizes } = await context.open();
      assert.ok(batchSizes.length > 0, 'there are none');
      assert.ok(
        batchSizes.every((size, index) => Number.isInteger(size) && size > (batchSizes[index - 1] ?? 0)),
        `batchSizes ${batchSizes.join(', ')}`,
      );
    },
  },
  {
    name: 'timings are milliseconds of at least 0',
    async check(context) {
      const session = await context.open();
      const { timing = {} } = await session.run(fixturePixels([0]));
      for (const [phase, value] of Object.entries(timing)) {
        assert.ok(Number.isFinite(value) && value >= 0, `${phase}: ${value}`);
      }
    },
  },
];
