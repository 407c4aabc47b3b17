import { createHash } from 'node:crypto';
import { realpathSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import type { PieceSetup, SessionSetup } from '../session-setup.js';

/**
 * Name of the folder of the models that CANN compiled of a piece. CANN names its files after the graph and the shapes only, so
 * everything else that matters is in here: the weights, the graph with its layers and outputs, the precision, the versions and the
 * system on chip. All devices of one chip share a model; where CANN does not name the chip, each device has its own.
 */
export function compiledKey(
  { modelKey, precision, device }: Pick<SessionSetup, 'modelKey' | 'precision' | 'device'>,
  { graph }: Pick<PieceSetup, 'graph'>,
  runtimeVersion: string,
  soc: string | undefined,
): string {
  const hash = createHash('sha256').update(graph);
  for (const part of [modelKey, precision, runtimeVersion, soc ?? `${hostname()} ${device}`, toolkit()]) {
    hash.update('\0').update(part);
  }
  return hash.digest('hex').slice(0, 32);
}

/** The installation of CANN, whose real path has its version in it; empty where set_env.sh did not say. */
function toolkit(): string {
  const home = process.env['ASCEND_HOME_PATH'];
  if (home === undefined) return '';
  for (const folder of [join(home, 'compiler'), home]) {
    try {
      return realpathSync(folder);
    } catch {
      // The next one says less.
    }
  }
  return home;
}
