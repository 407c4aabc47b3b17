export type { QueueLimits, Room } from './admission.js';
export type { Group } from './group.js';
export { Scheduler } from './scheduler.js';
export type {
  BatchReport,
  Capacity,
  Reservation,
  SchedulerOptions,
  SchedulerState,
  SubmitOptions,
} from './scheduler-options.js';
