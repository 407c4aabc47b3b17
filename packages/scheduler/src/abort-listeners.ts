const listenersOf = new WeakMap<AbortSignal, Set<() => void>>();

/**
 * Calls the listener once when the signal aborts. However many listen to one signal, the signal has one listener of ours: Node
 * warns of a leak from the eleventh on, and a request may have hundreds of items.
 *
 * @returns ends the listening
 */
export function onAbort(signal: AbortSignal, listener: () => void): () => void {
  let listeners = listenersOf.get(signal);
  if (listeners === undefined) {
    const all = new Set<() => void>();
    listeners = all;
    listenersOf.set(signal, all);
    signal.addEventListener('abort', () => tellAll(all), { once: true });
  }
  listeners.add(listener);
  return () => listeners.delete(listener);
}

function tellAll(listeners: ReadonlySet<() => void>): void {
  for (const tell of [...listeners]) tell();
}
