import type { Backend } from '@webssl/backend';
import { cpu } from '@webssl/backend-cpu';

/** The CPU, as a device that likes batches of several images better than one. */
export function batchingCpu(...batchSizes: number[]): Backend {
  const backend = cpu({ threads: 1 });
  return {
    ...backend,
    open: async (model, options) => {
      const session = await backend.open(model, options);
      return {
        device: session.device,
        batchSizes,
        maxInFlight: session.maxInFlight,
        closed: session.closed,
        run: (input, runOptions) => session.run(input, runOptions),
        close: () => session.close(),
      };
    },
  };
}
