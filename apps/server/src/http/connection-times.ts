/** How long a connection may be held without getting on, in milliseconds. */
export interface ConnectionTimes {
  /** From its opening, or the first byte of a later request, to the end of the request's head. */
  readonly head: number;
  /** Without a byte in either direction, beyond the time that a request may take: also of who does not read its answer. */
  readonly idle: number;
  /** Between two requests. */
  readonly keepAlive: number;
}

/** Proxies close idle connections after 60 seconds, and must be the first to do so. */
export const usualConnectionTimes: ConnectionTimes = { head: 10_000, idle: 30_000, keepAlive: 65_000 };

/** How often connections are looked at; Node's own 30 seconds would let slow ones live that much longer. */
export function checkingInterval({ head }: ConnectionTimes): number {
  return Math.min(1000, head);
}
