import { join } from 'node:path';
import { Contender } from '../contender.js';
import { readFloats } from '../float-file.js';
import { builtProgram } from '../paths.js';

/** As often as an orchestrator never asks. */
const askMilliseconds = 50;

/** Someone who asks `/livez` every 50 ms, from another process. */
export interface LivezWatch {
  /**
   * Asks for as long as some work takes.
   *
   * @returns beside the work's result, the time of every answer
   * @throws WebsslError `BENCH_PROGRAM_FAILED` when one is no 200, besides what the work throws
   */
  during<T>(
    work: () => Promise<T>,
  ): Promise<{ readonly result: T; readonly milliseconds: readonly number[] }>;
  stop(): Promise<void>;
}

/** @param folder where the times are kept until they are read */
export async function startLivezWatch(address: string, folder: string): Promise<LivezWatch> {
  const samples = join(folder, 'livez.f32');
  const contender = await Contender.start('the watch on /livez', {
    command: process.execPath,
    parameters: [
      ...[builtProgram('livez-times'), '--address', address],
      ...['--milliseconds', `${askMilliseconds}`, '--samples', samples],
    ],
  });
  return {
    during: async (work) => {
      await contender.run('begin', 'asked');
      const result = await work();
      await contender.run('end', 'asked');
      return { result, milliseconds: [...(await readFloats(samples))] };
    },
    stop: () => contender.stop(),
  };
}
