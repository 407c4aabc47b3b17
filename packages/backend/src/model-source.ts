import type { OutputName, TokenSelection } from './outputs.js';
import type { Precision } from './precision.js';
import type { ImageSize } from './tensor.js';

/** A model as a backend sees it: what it is, and on demand the graph of the part that is needed. Nothing is built before it is asked for. */
export interface ModelSource {
  /**
   * Identifies weights and config on this machine: two sources with one key compute the same function. For caches that live as
   * long as the files.
   */
  readonly key: string;
  /**
   * Identifies weights and config by their content, the same on every machine. It may read all weights.
   * @throws the signal's reason
   */
  fingerprint(signal?: AbortSignal): Promise<string>;
  describe(): ModelDescription;
  /**
   * The ONNX graph of the asked part.
   * @throws WebsslError `GRAPH_*` when the part cannot be built (no such layer, a size that the patches do not divide, a precision
   * that it cannot be had in); the signal's reason
   */
  onnx(part: ModelPart, signal?: AbortSignal): Promise<OnnxModel>;
}

/** Which part of a model is to be built. */
export interface ModelPart {
  /** Input size in pixels, a multiple of the patch size in both directions. */
  readonly size: ImageSize;
  /** A fixed batch size, or `symbolic` for any. */
  readonly batch: number | 'symbolic';
  /**
   * Only layers `from` (included, counted from 0) to `to` (excluded). With `from` > 0 the input is
   * `hidden_states` `[B, 1 + N, D]` instead of pixels. Default: the whole model.
   */
  readonly layers?: readonly [from: number, to: number];
  readonly outputs: readonly OutputName[];
  /** Tokens of `last_hidden_state`. Default `all`. */
  readonly tokens?: TokenSelection;
  /**
   * Number format that the linear layers compute in; a backend asks for one that its device has operators for. A model that was made
   * before this existed answers in float32 and does not echo it. Default `fp32`.
   */
  readonly precision?: Precision;
  /** Bits that int8 weights may use. 7: products of two neighbours then never leave 16 bits, in which some processors add them up. Default 8. */
  readonly weightBits?: 7 | 8;
}

/** An ONNX model without its weights: they are external data in the files of `folder`. */
export interface OnnxModel {
  /** The serialised ModelProto. */
  readonly bytes: Uint8Array;
  /** Real path (no symbolic links) of the folder that the external data locations are relative to. */
  readonly folder: string;
  /** The weight files, relative to `folder`. */
  readonly files: readonly string[];
  /** Bytes of the weights that the graph uses. A device that is handed graph and weights in one message has a limit for them. */
  readonly weightBytes: number;
  /** Name of the one input: `pixel_values` `[B, 3, H, W]`, or `hidden_states` `[B, 1 + N, D]` where the part begins later. */
  readonly input: string;
  /** Names of the outputs, as asked for. */
  readonly outputs: readonly OutputName[];
  /** The precision that was asked for, where one was. */
  readonly precision?: Precision;
  /**
   * Identifies how the weights were made of the model's own, where they were: another recipe gives other features. A backend puts it
   * into the `details` of its device, under the same name.
   */
  readonly weightRecipe?: string;
}

/** What a model is. Sizes in elements unless the name says bytes. */
export interface ModelDescription {
  /** Catalogue id, folder or `random:` id, as the user named it. */
  readonly id: string;
  readonly revision?: string;
  /** `vit` or `dinov2`. */
  readonly architecture: string;
  readonly hiddenSize: number;
  readonly layers: number;
  readonly heads: number;
  readonly patchSize: number;
  /** The input size that the position embeddings were made for. */
  readonly imageSize: ImageSize;
  /** Number type of the stored weights, as safetensors names it. */
  readonly weightType: string;
  readonly weightBytes: number;
  /** True when the weights are seeded random numbers and not trained. */
  readonly synthetic: boolean;
}
