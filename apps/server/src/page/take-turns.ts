/** Runs tasks in the order they come, so many at once; each gets its own task's result. */
export function takeTurns(most: number): <Result>(task: () => Promise<Result>) => Promise<Result> {
  let running = 0;
  const waiting: (() => void)[] = [];
  return async (task) => {
    if (running >= most) await new Promise<void>((resolve) => waiting.push(resolve));
    else running++;
    try {
      return await task();
    } finally {
      const next = waiting.shift();
      // The next one takes this one's place.
      if (next === undefined) running--;
      else next();
    }
  };
}
