/**
 * What `work` gives, or the signal's reason as soon as it is aborted: also where whoever works does not heed the signal. What
 * becomes of work that was left alone is lost.
 */
export function untilAborted<T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return work;
  return new Promise((resolve, reject) => {
    const stop = () => reject(signal.reason);
    signal.addEventListener('abort', stop, { once: true });
    const forget = () => signal.removeEventListener('abort', stop);
    work.then(resolve, reject).finally(forget);
    if (signal.aborted) stop();
  });
}
