import type { Program } from '../program.js';

/** Something that computes the same features, to compare with. */
export interface Peer {
  readonly id: PeerId;
  /** With its version. */
  readonly name: string;
  /** From start to end: the CLS features of the photograph, written to a file of float32 numbers. */
  first(features: string): Program;
  /** A program for `Contender` whose task `encode` encodes the prepared pixel values. Writes `last_hidden_state` once. */
  steady(features: string): Program;
  /** A program for `Contender` whose task `prepare` makes pixel values of an image. */
  preprocessing?(image: string): Program;
}

/** A peer that cannot take part, and why. */
export interface MissingPeer {
  readonly id: PeerId;
  readonly name: string;
  readonly missing: string;
}

type PeerId = 'transformers.js' | 'python';

export function isPeer(peer: Peer | MissingPeer): peer is Peer {
  return !('missing' in peer);
}

/** Why the absent ones are absent. */
export function absences(peers: readonly (Peer | MissingPeer)[]): Map<string, string> {
  return new Map(peers.flatMap((peer) => (isPeer(peer) ? [] : [[peer.id, peer.missing] as const])));
}

/** A line for each peer that is not in the table. */
export function absenceNotes(
  peers: readonly (Peer | MissingPeer)[],
  reasons: ReadonlyMap<string, string>,
): string[] {
  return peers.flatMap(({ id, name }) => {
    const reason = reasons.get(id);
    return reason === undefined ? [] : [`skipped: ${name}: ${reason}`];
  });
}
