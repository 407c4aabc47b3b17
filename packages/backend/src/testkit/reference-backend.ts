import { pathToFileURL } from 'node:url';
import { backendError } from '../backend-error.js';
import type { Backend, Isolation } from '../contract.js';
import { openHostedSession, probeInChild } from '../host/index.js';
import { referenceWorker } from './fixture-files.js';
import { fixtureKey } from './fixture-model.js';

/** What the reference worker needs to open. */
export interface ReferenceSetup {
  readonly graph: Uint8Array;
  readonly folder: string;
  readonly file: string;
  readonly imageMilliseconds: number;
}

/** Options of {@link referenceBackend}. */
export interface ReferenceOptions {
  /** Where sessions run when the caller of `open` does not say. Default `thread`. */
  readonly isolation?: Isolation;
  /** How much longer than its computation an image takes, in milliseconds, for tests that need a slow device. Default 0. */
  readonly imageMilliseconds?: number;
  /** The longest that one image may take, in milliseconds. Default 10 000. */
  readonly deadlineMilliseconds?: number;
}

const id = 'reference';

/**
 * A correct backend without native code: the fixture model in plain float64 arithmetic, behind the real session host. For
 * the tests of what uses backends; it opens `fixtureModel()` and nothing else.
 */
export function referenceBackend(options: ReferenceOptions = {}): Backend {
  const { isolation = 'thread', imageMilliseconds = 0, deadlineMilliseconds = 10_000 } = options;
  const entry = pathToFileURL(referenceWorker);
  return {
    specificationVersion: 'v1',
    id,
    probe: () => probeInChild({ backend: id, entry }),
    async open(model, open) {
      const { size, outputs, tokens = 'all', precision = 'fp32' } = open;
      if (precision !== 'fp32') {
        throw backendError(
          'BACKEND_PRECISION_UNSUPPORTED',
          `The reference backend has no precision '${precision}'; it has fp32.`,
        );
      }
      if (model.key !== fixtureKey) {
        throw backendError(
          'BACKEND_MODEL_REFUSED',
          `The reference backend runs the fixture model only, not '${model.describe().id}'.`,
        );
      }
      return openHostedSession({
        backend: id,
        entry,
        isolation: open.isolation ?? isolation,
        async setup(): Promise<ReferenceSetup> {
          const { bytes, folder, files } = await model.onnx({ size, batch: 1, outputs, tokens });
          return { graph: bytes, folder, file: files[0] ?? '', imageMilliseconds };
        },
        open,
        deadlineMilliseconds,
      });
    },
  };
}
