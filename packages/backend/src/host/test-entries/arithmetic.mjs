// A backend for the tests of the host. Its one output is twice the first value of each image; the first value of a run
// also tells it to misbehave. "Native" calls block the thread, as real ones do.
import { appendFileSync } from 'node:fs';
import { WebsslError } from '@webssl/backend';
import { serveBackend } from '@webssl/backend/host';

function block(milliseconds) {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, milliseconds);
}

const misbehaviour = {
  [-1]: () => {
    throw new Error('the device says no', { cause: new Error('it is tired') });
  },
  [-2]: () => {
    console.error('about to crash');
    process.exit(3);
  },
  [-3]: () => block(100_000),
  [-4]: () => {
    throw new WebsslError({
      code: 'TEST_TYPED',
      message: 'typed',
      details: { figure: 7 },
      cause: new Error('why'),
    });
  },
  [-7]: () => {
    throw new WebsslError({ code: 'BACKEND_LOST', message: 'the device is gone', details: { figure: 8 } });
  },
  [-5]: () => console.log('noise on standard output'),
  [-6]: () => process.send?.({ kind: 'nonsense' }),
};

serveBackend({
  async load() {
    return {};
  },
  async probe(_library, setup) {
    if (setup?.crash) process.abort();
    if (setup?.hang) block(100_000);
    return { usable: true, library: 'arithmetic 1', devices: [{ index: 0, name: 'abacus' }] };
  },
  async open(_library, setup, nativeCall) {
    const { openMilliseconds = 0, imageMilliseconds = 0, journal, openError } = setup;
    const note = (text) => journal && appendFileSync(journal, `${text}\n`);
    await nativeCall(() => block(openMilliseconds));
    if (openError === 'plain') throw new TypeError('cannot open');
    if (openError === 'exit') process.exit(9);
    note('open');
    return {
      device: {
        backend: 'arithmetic',
        name: 'abacus',
        precision: 'fp32',
        library: 'arithmetic 1',
        details: { arguments: process.execArgv.join(' '), options: process.env.NODE_OPTIONS ?? '' },
      },
      batchSizes: [1],
      async run({ input, signal }) {
        const [batch] = input.dims;
        const data = new Float32Array(batch);
        for (let image = 0; image < batch; image += 1) {
          const value = input.data[image * (input.data.length / batch)];
          await nativeCall(() => {
            note(`image ${value}`);
            misbehaviour[value]?.();
            block(imageMilliseconds);
            data[image] = 2 * value;
          }, signal);
        }
        return { tensors: { last_hidden_state: { data, dims: [batch, 1, 1] } }, timing: { compute: 1 } };
      },
      async close() {
        note('close');
      },
    };
  },
});
