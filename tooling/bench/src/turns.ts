import { WebsslError } from '@webssl/backend';

/** Someone whose turn it is to be measured. */
export interface Turn<T> {
  readonly id: string;
  /** Whether the rest goes on without it when it fails. */
  readonly optional: boolean;
  measure(): Promise<T>;
  /** What to do in the round that warms up, where measuring takes too long for that. Default: measure. */
  warmUp?(): Promise<unknown>;
}

/** What everyone measured, in the order of the rounds, and why some dropped out. */
export interface Turns<T> {
  readonly results: ReadonlyMap<string, readonly T[]>;
  readonly dropped: ReadonlyMap<string, string>;
}

/**
 * Lets everyone have a turn, again and again, so that what disturbs the machine disturbs all alike. A first round warms
 * up and does not count. An optional one that fails drops out.
 *
 * @param onRound told the round that begins; 0 is the one that warms up
 */
export async function takeTurns<T>(
  turns: readonly Turn<T>[],
  rounds: number,
  onRound: (round: number) => void = () => {},
): Promise<Turns<T>> {
  const results = new Map<string, T[]>(turns.map(({ id }) => [id, []]));
  const dropped = new Map<string, string>();
  for (let round = 0; round <= rounds; round++) {
    onRound(round);
    for (const { id, optional, measure, warmUp = measure } of turns) {
      if (dropped.has(id)) continue;
      try {
        if (round === 0) await warmUp();
        else results.get(id)?.push(await measure());
      } catch (error) {
        if (!optional) throw error;
        dropped.set(id, reasonOf(error));
        results.delete(id);
      }
    }
  }
  return { results, dropped };
}

/** Why a program failed, in its own last words. */
export function reasonOf(error: unknown): string {
  if (WebsslError.isInstance(error, 'BENCH_PROGRAM_FAILED')) return String(error.details['reason']);
  return error instanceof Error ? error.message : String(error);
}
