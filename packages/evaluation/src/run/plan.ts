import { availableParallelism, cpus, release, totalmem, type } from 'node:os';
import { recordSchemaVersion } from '@webssl/checker';
import type { OpenedModel } from '@webssl/encoder';
import packageJson from '../../package.json' with { type: 'json' };

/** What every plan record says. */
export function planned(): { schema: typeof recordSchemaVersion; started: string; version: string } {
  return { schema: recordSchemaVersion, started: new Date().toISOString(), version: packageJson.version };
}

/** What the plan of a run on a model says about it. */
export function plannedModel({ source, size }: OpenedModel) {
  const { id, revision, synthetic } = source.describe();
  return {
    ...planned(),
    model: id,
    ...(revision === undefined ? {} : { revision }),
    weights: source.key,
    synthetic,
    height: size.height,
    width: size.width,
  };
}

/** The machine, for the record `run.environment`. Loads the image library, to ask it what it is. */
export async function environment() {
  const { versions } = (await import('sharp')).default;
  return {
    node: process.version,
    platform: process.platform,
    arch: process.arch,
    os: `${type()} ${release()}`,
    cpu: cpus()[0]?.model ?? 'unknown',
    processors: availableParallelism(),
    memory_bytes: totalmem(),
    image_library: `sharp ${versions.sharp}, libvips ${versions.vips}`,
  };
}
