import { Scheduler } from '../scheduler.js';
import type { Capacity, SchedulerOptions } from '../scheduler-options.js';
import { ControlledDevice } from './controlled-device.js';

const capacity: Capacity = { batch: 4, devices: 1, batchesInFlight: 2, ahead: 8 };

/** A scheduler of strings over a {@link ControlledDevice}. */
export function controlledScheduler(
  options: Partial<Omit<SchedulerOptions<string, string, string>, 'capacity'>> & Partial<Capacity> = {},
) {
  const device = new ControlledDevice<string>();
  const { batch, devices, batchesInFlight, ahead, ...rest } = { ...capacity, ...options };
  const scheduler = new Scheduler<string, string, string>({
    capacity: () => ({ batch, devices, batchesInFlight, ahead }),
    prepare: async (item) => item,
    run: device.run,
    ...rest,
  });
  const submit = (item: string, how = {}) => {
    const result = scheduler.submit(item, how);
    // Not every test looks at how each of its items ends.
    result.catch(() => undefined);
    return result;
  };
  return { scheduler, device, submit };
}
