interface Gate {
  inside: number;
  /** Calls that let one pass, oldest first. */
  readonly waiting: Set<() => void>;
}

/**
 * Lets a few fetches at a time to each host. The others wait here and not in the HTTP client, which would open a connection for
 * every one that was given up meanwhile.
 */
export class HostGate {
  readonly #most: number;
  readonly #gates = new Map<string, Gate>();

  /** @param most fetches at once to one host */
  constructor(most: number) {
    this.#most = most;
  }

  /**
   * Waits for a turn.
   *
   * @returns what to call when the turn is over, once
   * @throws the signal's reason
   */
  async enter(host: string, signal: AbortSignal): Promise<() => void> {
    signal.throwIfAborted();
    const gate = this.#gates.get(host) ?? { inside: 0, waiting: new Set() };
    this.#gates.set(host, gate);
    if (gate.inside < this.#most) gate.inside++;
    else await turn(gate, signal);
    return () => this.#leave(host, gate);
  }

  #leave(host: string, gate: Gate): void {
    const [next] = gate.waiting;
    if (next !== undefined) {
      gate.waiting.delete(next);
      next();
      return;
    }
    gate.inside--;
    if (gate.inside === 0) this.#gates.delete(host);
  }
}

function turn({ waiting }: Gate, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const pass = (): void => {
      signal.removeEventListener('abort', giveUp);
      resolve();
    };
    const giveUp = (): void => {
      waiting.delete(pass);
      reject(signal.reason);
    };
    waiting.add(pass);
    signal.addEventListener('abort', giveUp, { once: true });
  });
}
