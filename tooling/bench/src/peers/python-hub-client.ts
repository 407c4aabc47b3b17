import { spawnSync } from 'node:child_process';
import { z } from 'zod';
import { type HubModel, weightsFile } from '../download-hub.js';
import { pythonHubClient } from '../paths.js';
import type { Program } from '../program.js';
import type { MissingPeer } from './peer.js';

const versions = z.object({ huggingface_hub: z.string() });

/** The hub's own client, to compare downloads with. */
export interface HubClient {
  readonly id: 'python';
  /** With its version. */
  readonly name: string;
  /** A program for `Contender` whose task `download` fetches a model's weights into an empty cache. */
  download(model: HubModel, endpoint: string, cache: string): Program;
}

/** The Python client, where this Python has huggingface_hub. */
export function findPythonHubClient(python: string): HubClient | MissingPeer {
  const id = 'python';
  const { status, error, stdout, stderr } = spawnSync(python, [pythonHubClient, 'about'], {
    encoding: 'utf8',
  });
  const missing = (reason: string) => ({ id, name: 'Python client', missing: reason }) as const;
  if (error !== undefined) return missing(`${python} cannot be started (${error.message})`);
  if (status !== 0) return missing(`${python}: ${stderr.trim().split('\n').at(-1)}`);
  const { huggingface_hub } = versions.parse(JSON.parse(stdout));
  return {
    id,
    name: `Python: huggingface_hub ${huggingface_hub}`,
    download: (model, endpoint, cache) => ({
      command: python,
      parameters: [
        pythonHubClient,
        'download',
        ...['--model', model.id, '--file', weightsFile, '--cache', cache],
      ],
      environment: {
        HF_ENDPOINT: endpoint,
        HF_HUB_OFFLINE: '0',
        HF_HUB_DISABLE_XET: '1',
        HF_HUB_DISABLE_TELEMETRY: '1',
        HF_HUB_DISABLE_PROGRESS_BARS: '1',
      },
    }),
  };
}
