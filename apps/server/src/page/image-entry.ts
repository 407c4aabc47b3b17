import type { WebsslError } from '@webssl/backend';
import type { ClsAttention } from './cls-attention.js';
import type { ImageFeatures } from './image-features.js';

/** How far something asked of the server has come. */
export type Progress =
  /** Not asked yet, or to be asked again. */
  | { readonly step: 'idle' }
  /** For its turn. */
  | { readonly step: 'waiting' }
  | { readonly step: 'computing' }
  | { readonly step: 'busy'; readonly milliseconds: number; readonly attempt: number }
  | { readonly step: 'failed'; readonly error: WebsslError }
  | { readonly step: 'done' };

/** How long the answer took, in milliseconds. */
interface Latency {
  readonly milliseconds: number;
  readonly phases: ReadonlyMap<string, number>;
}

/** An image on the page, and what is known of it. */
export interface ImageEntry {
  readonly file: Blob;
  readonly name: string;
  /** Aborted when the image is removed. */
  readonly removal: AbortController;
  readonly picture: HTMLCanvasElement;
  /** Absent until the picture was drawn: whether this browser can show it. */
  isShown?: boolean;
  progress: Progress;
  features?: ImageFeatures;
  latency?: Latency;
  attentionProgress: Progress;
  attention?: ClsAttention;
}
