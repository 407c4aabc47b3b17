import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ProgramOptions } from '@webssl-tooling/hub-double';
import { z } from 'zod';
import { Contender } from './contender.js';
import { hubDouble } from './paths.js';

const address = z.object({ endpoint: z.url() });

/** A model on the hub: one file of weights and two small ones. */
export interface HubModel {
  readonly id: string;
  readonly weightBytes: number;
}

/** The name of a model's weights on the hub. */
export const weightsFile = 'model.safetensors';

/** A hub on loopback, in a process of its own. */
export interface DownloadHub {
  readonly endpoint: string;
  stop(): Promise<void>;
}

/**
 * Starts a hub that makes up the weights as it sends them, so that it reads no disk.
 *
 * @param folder where it finds what to serve
 * @throws WebsslError `BENCH_PROGRAM_FAILED`
 */
export async function startDownloadHub(models: readonly HubModel[], folder: string): Promise<DownloadHub> {
  const options: ProgramOptions = { repositories: models.map(repository) };
  const file = join(folder, 'hub.json');
  await writeFile(file, JSON.stringify(options));
  const program = { command: process.execPath, parameters: [hubDouble, file] };
  const { contender, greeting } = await Contender.startWith('the hub on loopback', program, address);
  return { endpoint: greeting.endpoint, stop: () => contender.stop() };
}

function repository({ id, weightBytes }: HubModel, index: number): ProgramOptions['repositories'][number] {
  return {
    id,
    commits: [
      {
        references: ['main'],
        files: {
          'config.json': '{}',
          'preprocessor_config.json': '{}',
          [weightsFile]: { bytes: weightBytes, seed: index, lfs: true },
        },
      },
    ],
  };
}

/** Where a hub has a model's weights. */
export function weightsAddress(endpoint: string, { id }: HubModel): string {
  return `${endpoint}/${id}/resolve/main/${weightsFile}`;
}
