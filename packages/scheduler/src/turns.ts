/** The place of an item in the order in which clients take turns. */
export interface Turn {
  readonly client: string;
  /** Lower comes first. */
  readonly round: number;
  /** The order within a round; lower comes first. */
  readonly order: number;
}

interface ClientTurns {
  last: number;
  /** Items that have a turn and are neither sent nor given up. */
  readonly open: Set<Turn>;
}

/**
 * Gives the items of all clients their rounds, so that each client has one item a round. Who comes new
 * begins with the next round: ahead of the later items of who has many, and never ahead of what has waited for its round.
 */
export class Turns {
  readonly #clients = new Map<string, ClientTurns>();
  /** The latest round of which an item was sent. */
  #round = 0;
  #taken = 0;

  take(client: string): Turn {
    const own = this.#clients.get(client) ?? { last: 0, open: new Set() };
    own.last = Math.max(own.last, this.#round) + 1;
    const turn = { client, round: own.last, order: this.#taken++ };
    own.open.add(turn);
    this.#clients.set(client, own);
    return turn;
  }

  sent(turn: Turn): void {
    this.#round = Math.max(this.#round, turn.round);
    this.giveUp(turn);
  }

  /** Once none of a client's items are left it begins anew: what it gave up does not count against it. Idempotent. */
  giveUp(turn: Turn): void {
    const own = this.#clients.get(turn.client);
    own?.open.delete(turn);
    if (own?.open.size === 0) this.#clients.delete(turn.client);
  }
}

/** For sorting: whose turn comes first. */
export function byTurn(left: Turn, right: Turn): number {
  return left.round - right.round || left.order - right.order;
}
