import { canReadProcessTree, readChildrenProcessorSeconds } from '../process-tree.js';

/** What some work gave, and how much of the cores the model had meanwhile: 1 is all of them; undefined where the system does not tell. */
export interface Shared<T> {
  readonly result: T;
  readonly modelShare: number | undefined;
}

/**
 * Does some work and looks at the processor time of the processes below another: those of its sessions, in which nothing but the
 * model is computed.
 *
 * @param cores how many the model may use
 */
export async function watchModelShare<T>(
  processId: number,
  cores: number,
  work: () => Promise<T>,
): Promise<Shared<T>> {
  if (!canReadProcessTree()) return { result: await work(), modelShare: undefined };
  const [before, begin] = [readChildrenProcessorSeconds(processId), performance.now()];
  const result = await work();
  const seconds = (performance.now() - begin) / 1000;
  return { result, modelShare: (readChildrenProcessorSeconds(processId) - before) / (seconds * cores) };
}
