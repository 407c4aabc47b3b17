import type { TouchedDevices } from '@webssl/backend/host';
import type { OfflineModelManifest } from './compile/manifest.js';

/** What the worker needs to load AscendCL. */
interface LibrarySetup {
  /** A file or folder that the caller chose. */
  readonly library: string | undefined;
}

/** What the worker needs to probe. Crosses to it as a message. */
export interface ProbeSetup extends LibrarySetup {
  /** The devices of which the memory is asked. Without any the library tells what devices there are, and their SoC. */
  readonly touched: TouchedDevices;
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
