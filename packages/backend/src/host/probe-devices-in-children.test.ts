import { describe, expect, it } from 'vitest';
import { probeDevicesInChildren } from './probe-devices-in-children.js';

/** Long enough for a child to start on a busy machine. */
const deadlineMilliseconds = 10_000;

function probe(...states: string[]) {
  return probeDevicesInChildren({
    backend: 'devices',
    entry: new URL('./test-entries/devices.mjs', import.meta.url),
    setup: (touched) => ({ touched, states }),
    deadlineMilliseconds,
  });
}

const good = (index: number) => ({ index, name: 'device', totalMemoryBytes: 8 });

describe('the devices of a backend', () => {
  it('are as the backend says where one can be used', async () => {
    expect(await probe('good', 'busy')).toEqual({
      usable: true,
      library: 'devices 1',
      devices: [
        good(0),
        {
          index: 1,
          name: 'device',
          unusable: { code: 'TEST_STATE', reason: 'it is busy', advice: 'mend busy' },
        },
      ],
    });
  });

  it('are no use where none is, with each reason and each advice once', async () => {
    expect(await probe('busy', 'locked', 'busy')).toMatchObject({
      usable: false,
      code: 'TEST_STATE',
      reason: 'No device can be used. Device 0, 2: it is busy. Device 1: it is locked.',
      advice: 'mend busy mend locked',
      library: 'devices 1',
      devices: [{ index: 0 }, { index: 1 }, { index: 2 }],
    });
  });

  it.each(['crash', 'hang'])('keep what they told where another makes it %s', async (state) => {
    expect(await probe('good', state, 'good')).toMatchObject({
      usable: true,
      devices: [good(0), { index: 1, unusable: { code: 'BACKEND_LOST' } }, good(2)],
    });
  });

  it('are no use where each of them crashes', async () => {
    expect(await probe('crash', 'crash')).toMatchObject({
      usable: false,
      code: 'BACKEND_LOST',
      reason: expect.stringMatching(/^No device can be used\. Device 0, 1: The worker of 'devices' was lost/),
    });
  });
});
