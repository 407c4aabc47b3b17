import { mkdir, mkdtemp, readFile } from 'node:fs/promises';
import { delimiter, dirname, join } from 'node:path';
import { WebsslError } from '@webssl/backend';
import { median } from '@webssl/metrics';
import { type AscendSimulator, buildAscendSimulator } from '@webssl-tooling/ascend-simulator';
import sharp from 'sharp';
import { bounds } from '../bounds.js';
import { Contender } from '../contender.js';
import { percent, range } from '../format.js';
import { builtProgram, examplePhotograph, tinyCheckpoint } from '../paths.js';
import type { Section } from '../section.js';
import { type Turn, takeTurns } from '../turns.js';

const isolations = ['process', 'thread'] as const;
const photographs = 400;
const imageMilliseconds = 8;

/** @throws WebsslError `BENCH_SIMULATOR_MISSING` */
export function requireSimulator(): AscendSimulator {
  const built = buildAscendSimulator();
  if ('simulator' in built) return built.simulator;
  throw new WebsslError({
    code: 'BENCH_SIMULATOR_MISSING',
    message: `The simulated NPU cannot be built: ${built.missing}`,
  });
}

/** What a program must find in its environment to take the simulator for CANN. */
function simulatedMachine(
  { library, compiler, environment }: AscendSimulator,
  folder: string,
  configuration: Parameters<AscendSimulator['environment']>[0],
): Record<string, string> {
  const own = Object.entries(environment(configuration)).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, value] as const],
  );
  return {
    ...Object.fromEntries(own),
    ACL_LIB: library,
    PATH: `${dirname(compiler)}${delimiter}${process.env['PATH'] ?? ''}`,
    XDG_CACHE_HOME: join(folder, 'cache'),
  };
}

/** This project's own part of a batch on an NPU: the simulated one takes 8 ms an image and computes nothing. */
export async function ascendOverhead(
  folder: string,
  rounds: number,
  onProgress: (text: string) => void,
): Promise<Section> {
  const simulator = requireSimulator();
  const images = join(folder, 'photographs');
  onProgress(`writing ${photographs} photographs of 224 x 224`);
  await writePhotographs(images);
  const turns: Turn<number>[] = isolations.flatMap((isolation) => {
    const measure = (task: string, figure: string) => async () => {
      const counters = await mkdtemp(join(folder, 'counters-'));
      const contender = await Contender.start(`simulated NPU, ${isolation}`, {
        command: process.execPath,
        parameters: [
          ...[builtProgram('ascend-overhead'), '--model', tinyCheckpoint, '--images', images],
          ...['--isolation', isolation, '--counters', counters],
        ],
        environment: simulatedMachine(simulator, folder, {
          imageMilliseconds,
          stubComputation: true,
          counters,
        }),
      });
      try {
        return await contender.run(task, figure);
      } finally {
        await contender.stop();
      }
    };
    return [
      { id: `busy ${isolation}`, optional: false, measure: measure('busy', 'share') },
      { id: `overhead ${isolation}`, optional: false, measure: measure('batchOverhead', 'milliseconds') },
    ];
  });
  const { results } = await takeTurns(turns, rounds, (round) =>
    onProgress(`simulated NPU, round ${round} of ${rounds}`),
  );
  return section(results, rounds);
}

function section(results: ReadonlyMap<string, readonly number[]>, rounds: number): Section {
  const samples = (id: string) => results.get(id) ?? [];
  return {
    title: 'SIMULATED NPU: 8 ms an image, nothing computed; batches of 8, CLS only',
    header: ['session in a', 'device busy', 'range', 'ms beside the device', 'range'],
    rows: isolations.map((isolation) => [
      isolation,
      percent(median(samples(`busy ${isolation}`))),
      range(
        samples(`busy ${isolation}`).map((share) => 100 * share),
        1,
      ),
      median(samples(`overhead ${isolation}`)).toFixed(2),
      range(samples(`overhead ${isolation}`), 2),
    ]),
    notes: [
      `${photographs} JPEG files of 224 x 224 to CLS vectors; medians of ${rounds} rounds. No hardware was involved.`,
      'ms beside the device: time of a batch of 8 less the copies and the execution that the device library times.',
    ],
    checks: [
      {
        name: 'simulated NPU busy, session in a process',
        unit: '%',
        bound: { atLeast: 100 * bounds.ascendBusy },
        measured: 100 * median(samples('busy process')),
      },
      {
        name: 'own part of a batch of 8, session in a thread',
        unit: 'ms',
        bound: { atMost: bounds.ascendBatchMilliseconds },
        measured: median(samples('overhead thread')),
      },
    ],
    samples: Object.fromEntries(results),
  };
}

async function writePhotographs(folder: string): Promise<void> {
  await mkdir(folder);
  const photograph = await readFile(examplePhotograph);
  await Promise.all(
    Array.from({ length: photographs }, (_, index) =>
      sharp(photograph)
        .resize(224, 224)
        .modulate({ brightness: 1 + index / photographs })
        .jpeg()
        .toFile(join(folder, `${index}.jpg`)),
    ),
  );
}
