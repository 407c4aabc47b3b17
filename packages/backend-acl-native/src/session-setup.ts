import type { OfflineModelManifest } from './compile/manifest.js';

/** What the worker needs to load AscendCL. */
interface LibrarySetup {
  /** A file or folder that the caller chose. */
  readonly library: string | undefined;
}

/** What the worker needs to probe. Crosses to it as a message. */
export interface ProbeSetup extends LibrarySetup {
  /**
   * `soc`: what the library tells without touching a device. `memory`: also the memory of the devices, each of which has to be set
   * for it, so that a bad one can hang or crash the probe.
   */
  readonly question: 'soc' | 'memory';
}

/** What the worker needs to open a session. Crosses to it as a message. */
export interface SessionSetup extends LibrarySetup {
  readonly device: number;
  /** Folder of the offline model. */
  readonly folder: string;
  readonly manifest: OfflineModelManifest;
  /** The longest that one execution may take. */
  readonly deadlineMilliseconds: number;
}
