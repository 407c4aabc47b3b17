// A backend of three devices for the tests of the probe, some of which misbehave when they are touched.
import { serveBackend } from '@webssl/backend/host';

const misbehaviour = {
  crash: () => process.abort(),
  hang: () => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0),
};

serveBackend({
  async load() {},
  async probe(_library, { touched, states }) {
    return {
      usable: true,
      library: 'devices 1',
      devices: states.map((state, index) => {
        const device = { index, name: 'device' };
        if (touched !== 'all' && touched !== index) return device;
        misbehaviour[state]?.();
        return state === 'good'
          ? { ...device, totalMemoryBytes: 8 }
          : {
              ...device,
              unusable: { code: 'TEST_STATE', reason: `it is ${state}`, advice: `mend ${state}` },
            };
      }),
    };
  },
});
