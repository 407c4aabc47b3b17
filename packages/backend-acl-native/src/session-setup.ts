import type { OfflineModelManifest } from './compile/manifest.js';

/** What the worker needs to probe. Crosses to it as a message. */
export interface ProbeSetup {
  /** A file or folder that the caller chose. */
  readonly library: string | undefined;
}

/** What the worker needs to open a session. Crosses to it as a message. */
export interface SessionSetup extends ProbeSetup {
  readonly device: number;
  /** Folder of the offline model. */
  readonly folder: string;
  readonly manifest: OfflineModelManifest;
  /** The longest that one execution may take. */
  readonly deadlineMilliseconds: number;
}
