import type { DeviceInfo, ImageSize, ModelDescription, Tensor } from '@webssl/backend';
import type { ImageInput, ProcessorConfig } from '@webssl/preprocess';
import type { Room } from '@webssl/scheduler';
import type { Feature } from './feature.js';

/** The features of one image or batch, by the names that were asked for. */
export type Features<Name extends string = string> = { readonly [F in Name]: Tensor };

export interface EncodeOptions<Name extends string = string> {
  /** See {@link Feature}. Default: the features that the encoder was loaded with. */
  readonly features?: readonly Name[];
  /** Divides each feature vector by its L2 norm; attention maps stay as they are. Default false. */
  readonly normalize?: boolean;
  readonly signal?: AbortSignal;
  /** When the features are of no use any more, in milliseconds of `performance.now()`. */
  readonly deadline?: number;
}

/** Room in the queue for the images of one request. Made by `Encoder.reserve`. */
export interface ImageReservation {
  /** @throws WebsslError `QUEUE_FULL`, `QUEUE_TOO_SMALL`; the reservation stays as it was */
  grow(room: Partial<Room>): void;
  /** `Encoder.encode`, in one of the places that are reserved. @throws RangeError when every place is used */
  encode<const Name extends string = Feature>(
    image: ImageInput,
    options?: EncodeOptions<Name>,
  ): Promise<Features<Name>>;
  /** Gives back the places that were not used, and the bytes. Idempotent. */
  release(): void;
}

export interface EncodeAllOptions<Name extends string = string> extends EncodeOptions<Name> {
  /** Images in one call to the device. Default: what suits the device. Features do not depend on it. */
  readonly batch?: number;
  /** Images read ahead of the one that is handed out; bounds the memory. Default: four batches a device. */
  readonly window?: number;
}

/** One image of `Encoder.encodeAll`: its features, or the error that took their place. */
export type EncodeResult<Image, Name extends string = string> =
  | { readonly index: number; readonly image: Image; readonly features: Features<Name> }
  | { readonly index: number; readonly image: Image; readonly error: Error };

/** What an encoder is and how it sees images: worth keeping beside the features. */
export interface EncoderInfo {
  readonly model: ModelDescription;
  /** What really executes, one entry a device. */
  readonly devices: readonly DeviceInfo[];
  /** Input size in pixels. */
  readonly size: ImageSize;
  readonly processor: ProcessorConfig;
  /** What is unusual about the checkpoint, in words, such as tensors that are not used. */
  readonly warnings: readonly string[];
}
