import { spawnSync } from 'node:child_process';
import { z } from 'zod';
import { pythonReference } from '../paths.js';
import type { Program } from '../program.js';
import type { Subject } from '../subject.js';
import type { MissingPeer, Peer } from './peer.js';

const versions = z.object({ python: z.string(), torch: z.string(), transformers: z.string() });

/** The reference stack, where this Python has torch and transformers. */
export function findPythonPeer(python: string, subject: Subject): Peer | MissingPeer {
  const id = 'python';
  const name = 'Python reference';
  const { status, error, stdout, stderr } = spawnSync(python, [pythonReference, 'about'], {
    encoding: 'utf8',
  });
  if (error !== undefined) return { id, name, missing: `${python} cannot be started (${error.message})` };
  if (status !== 0) return { id, name, missing: `${python}: ${stderr.trim().split('\n').at(-1)}` };
  const { torch, transformers } = versions.parse(JSON.parse(stdout));

  const { checkpoint, threads, photograph, pixels, size } = subject;
  const reference = (task: string, ...parameters: readonly string[]): Program => ({
    command: python,
    parameters: [pythonReference, task, '--model', checkpoint.folder, ...parameters],
    environment: { HF_HUB_OFFLINE: '1' },
  });
  const withThreads = ['--threads', `${threads}`];
  const shape = ['--height', `${size.height}`, '--width', `${size.width}`];
  return {
    id,
    name: `Python: torch ${torch}, transformers ${transformers}`,
    first: (features) => reference('first', ...withThreads, '--image', photograph, '--features', features),
    steady: (features) =>
      reference('steady', ...withThreads, '--pixels', pixels, ...shape, '--features', features),
    preprocessing: (image) => reference('preprocessing', '--image', image),
  };
}
