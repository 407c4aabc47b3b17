import { type Encoder, loadEncoder } from '@webssl/encoder';
import { goldenCheckpoint } from '@webssl-tooling/fixtures';

/** Computes what a server has to answer, by an encoder of its own. */
export class ExpectedFeatures {
  readonly #encoder: Encoder;
  readonly #known = new Map<string, Promise<Float32Array>>();

  private constructor(encoder: Encoder) {
    this.#encoder = encoder;
  }

  static async load(checkpoint = 'vit-tiny-p14'): Promise<ExpectedFeatures> {
    return new ExpectedFeatures(
      await loadEncoder(goldenCheckpoint(checkpoint), { isolation: 'thread', threads: 1 }),
    );
  }

  /** The CLS feature of an image, which must be accepted. */
  cls(image: Uint8Array): Promise<Float32Array> {
    const key = Buffer.from(image).toString('base64');
    const known =
      this.#known.get(key) ??
      this.#encoder.encode(image, { features: ['cls'] }).then(({ cls }) => new Float32Array(cls.data));
    this.#known.set(key, known);
    return known;
  }

  close(): Promise<void> {
    return this.#encoder.close();
  }
}
