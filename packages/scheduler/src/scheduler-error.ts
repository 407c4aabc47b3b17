import { WebsslError } from '@webssl/backend';

/** How far a queue was from having room. */
export interface QueueRoom {
  readonly kind: 'items' | 'bytes';
  readonly wanted: number;
  readonly held: number;
  readonly limit: number;
}

export function queueFull({ kind, wanted, held, limit }: QueueRoom, retryAfterSeconds: number): WebsslError {
  return new WebsslError({
    code: 'QUEUE_FULL',
    message: `The queue holds ${held} of ${limit} ${kind}, and there is no room for ${wanted} more. Try again in ${retryAfterSeconds} s.`,
    details: { kind, wanted, held, limit, retryAfterSeconds },
  });
}

export function clientQueueFull(
  { kind, wanted, held, limit }: QueueRoom,
  retryAfterSeconds: number,
): WebsslError {
  return new WebsslError({
    code: 'QUEUE_FULL',
    message: `This client has ${held} ${kind} in the queue, of at most ${limit} for one client, and there is no room for ${wanted} more. Try again in ${retryAfterSeconds} s.`,
    details: { kind, wanted, held, limit, retryAfterSeconds, client: true },
  });
}

export function exceedsQueue({ kind, wanted, limit }: Omit<QueueRoom, 'held'>): WebsslError {
  return new WebsslError({
    code: 'QUEUE_TOO_SMALL',
    message: `The queue never holds ${wanted} ${kind} of one client: its limit is ${limit}. Send fewer at a time.`,
    details: { kind, wanted, limit },
  });
}

export function deadlineExceeded(waitedMilliseconds: number): WebsslError {
  return new WebsslError({
    code: 'DEADLINE_EXCEEDED',
    message: `The deadline passed after ${Math.round(waitedMilliseconds)} ms, before there was a result. Allow more time, or send fewer at a time.`,
    details: { waitedMilliseconds },
  });
}

export function schedulerClosed(): WebsslError {
  return new WebsslError({
    code: 'SCHEDULER_CLOSED',
    message: 'The scheduler takes no more work: it has been closed.',
  });
}

export function optionInvalid(option: string, value: unknown, wanted: string): WebsslError {
  return new WebsslError({
    code: 'SCHEDULER_OPTION_INVALID',
    message: `${option} is ${value} and must be ${wanted}.`,
    details: { option, value },
  });
}
