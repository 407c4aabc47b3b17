import type { OutputName, TokenSelection } from '@webssl/backend';
import type { TouchedDevices } from '@webssl/backend/host';

/** What ONNX Runtime computes with. */
export type Provider = 'cann' | 'cpu';

/** The precisions that CANN can be told to compute in. */
export type CannPrecision = 'fp32' | 'fp16' | 'mixed';

/** A graph of one piece of the model. */
export interface PieceSetup {
  readonly graph: Uint8Array;
  /** Real path of the folder of the weight files. */
  readonly folder: string;
  /** The weight files, relative to it. */
  readonly files: readonly string[];
  readonly input: string;
  readonly outputs: readonly OutputName[];
  /** The output that the next piece begins with; absent in the last one. */
  readonly handsOn?: OutputName;
}

/** What the worker needs to find the library. Crosses to it as a message, as do the others. */
interface RuntimeSetup {
  readonly provider: Provider;
  readonly library?: string;
}

/** What the worker needs to probe. */
export interface ProbeSetup extends RuntimeSetup {
  /** The one device that a session would use. */
  readonly device: number;
  /** The devices of which the memory is asked. */
  readonly touched: TouchedDevices;
}

/** What the worker needs to open a session. */
export interface SessionSetup extends RuntimeSetup {
  readonly device: number;
  /** Identifies the model, for the cache. */
  readonly modelKey: string;
  readonly pieces: readonly PieceSetup[];
  /** The tokens of `last_hidden_state` that the graphs give. */
  readonly tokens: TokenSelection;
  readonly batchSizes: readonly number[];
  readonly precision: CannPrecision;
  readonly threads: number;
  readonly cacheFolder: string;
}
