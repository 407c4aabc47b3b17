/** Images that one execution takes: `count` of them in a batch of `batchSize`, the rest of which is padding. */
export interface BatchPart {
  /** Index of the first image. */
  readonly start: number;
  readonly count: number;
  readonly batchSize: number;
}

/**
 * What an execution costs beside its images, in images. One image alone takes an Atlas 800 as long as four of a large batch
 * (published: 32.2 ms, against 8.1 ms an image in batches of 8).
 */
const executionCost = 3;

/** The cheapest way for a number of images: its cost, and the batch size that it ends with. */
interface Plan {
  readonly cost: number;
  readonly executions: number;
  readonly batchSize: number;
}

/**
 * Splits a batch over the batch sizes that a model was compiled for, at the least cost: an execution costs its batch size,
 * padding included, and {@link executionCost} images more; of equal ways the one with fewer executions is taken. Only the last part
 * can have padding. With 1, 4, 8 and 16: 3 is padded to 4, 5 to 8, 9 is 8 and 1, 13 is padded to 16.
 * @param batch at least 1
 * @param batchSizes ascending, at least one
 */
export function splitBatch(batch: number, batchSizes: readonly number[]): BatchPart[] {
  let start = 0;
  return cheapest(batch, batchSizes).map((batchSize) => {
    const part = { start, count: Math.min(batchSize, batch - start), batchSize };
    start += batchSize;
    return part;
  });
}

/** The cheapest batch sizes that hold a number of images together, descending. */
function cheapest(images: number, batchSizes: readonly number[]): number[] {
  const plans: Plan[] = [{ cost: 0, executions: 0, batchSize: 0 }];
  const planOf = (count: number) => plans[Math.max(0, count)] as Plan;
  for (let count = 1; count <= images; count += 1) {
    const candidates = batchSizes.map((batchSize) => {
      const { cost, executions } = planOf(count - batchSize);
      return { cost: cost + batchSize + executionCost, executions: executions + 1, batchSize };
    });
    plans.push(candidates.reduce((best, candidate) => (isBetter(candidate, best) ? candidate : best)));
  }
  const sizes: number[] = [];
  for (let left = images; left > 0; left -= planOf(left).batchSize) sizes.push(planOf(left).batchSize);
  return sizes.sort((left, right) => right - left);
}

function isBetter(plan: Plan, best: Plan): boolean {
  return plan.cost < best.cost || (plan.cost === best.cost && plan.executions < best.executions);
}
