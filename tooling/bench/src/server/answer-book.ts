/** What became of all that was asked. */
export interface AnswerCounts {
  readonly asked: number;
  /** Bit for bit the features of the image that was sent. */
  readonly right: number;
  /** The features of another image. */
  readonly mixedUp: number;
  /** Features of none of the images. */
  readonly wrong: number;
  /** Refused because the queue is full, and told when to come again. */
  readonly refused: number;
  /** Any other status, or a refusal that does not say when to come again. */
  readonly failed: number;
  /** Asked and never answered, or a connection that broke. */
  readonly lost: number;
}

/**
 * Keeps count of questions and answers, and knows what the answers must be.
 *
 * @param expected the features of each image, as the encoder alone computes them
 */
export class AnswerBook {
  readonly #expected: readonly Buffer[];
  #asked = 0;
  #right = 0;
  #mixedUp = 0;
  #wrong = 0;
  #refused = 0;
  #failed = 0;
  readonly #problems = new Set<string>();

  constructor(expected: readonly Float32Array[]) {
    this.#expected = expected.map(bytesOf);
  }

  /** @returns the image to send: its neighbours are others */
  ask(): number {
    return this.#asked++ % this.#expected.length;
  }

  /** Features came for an image. */
  answered(image: number, features: Float32Array): void {
    const bytes = bytesOf(features);
    if (this.#expected[image]?.equals(bytes) === true) this.#right++;
    else if (this.#expected.some((other) => other.equals(bytes))) this.#mixedUp++;
    else this.#wrong++;
  }

  /** The queue is full. */
  refused(retryAfter: string | undefined): void {
    if (/^[1-9]\d*$/.test(retryAfter ?? '')) this.#refused++;
    else this.failed(`429 with Retry-After: ${retryAfter}`);
  }

  /** @param problem kept for the report */
  failed(problem: string): void {
    this.#failed++;
    this.#problems.add(problem);
  }

  /** What no answer came for is lost: to be read when nothing is under way. */
  get counts(): AnswerCounts {
    const answered = this.#right + this.#mixedUp + this.#wrong + this.#refused + this.#failed;
    return {
      asked: this.#asked,
      right: this.#right,
      mixedUp: this.#mixedUp,
      wrong: this.#wrong,
      refused: this.#refused,
      failed: this.#failed,
      lost: this.#asked - answered,
    };
  }

  /** The different ways in which requests failed. */
  get problems(): readonly string[] {
    return [...this.#problems];
  }
}

/** The part of the counts that must be nothing. */
export function notRight({ mixedUp, wrong, failed, lost }: AnswerCounts): number {
  return mixedUp + wrong + failed + lost;
}

function bytesOf({ buffer, byteOffset, byteLength }: Float32Array): Buffer {
  return Buffer.from(buffer, byteOffset, byteLength);
}
