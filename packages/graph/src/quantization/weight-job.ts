import type { FileJobs } from '@webssl/tensor-files';
import type { WeightBits } from './quantize-matrix.js';

/** A tensor of derived weights and what it is made of. The source is a matrix `[rows, columns]`; a vector has one column. */
export interface WeightJob {
  readonly name: string;
  readonly source: { readonly file: string; readonly offset: number };
  readonly rows: number;
  readonly columns: number;
  /** Powers of two that the rows are multiplied by, in order; absent: none. */
  readonly rowExponents?: Int8Array;
  /** The same for the columns. */
  readonly columnExponents?: Int8Array;
  /** Where it goes in the file that is written, as float32, or as whole numbers `[columns, rows]` with a scale for every row. */
  readonly target:
    | { readonly form: 'float32'; readonly offset: number }
    | {
        readonly form: 'int8';
        readonly bits: WeightBits;
        readonly offset: number;
        readonly scaleOffset: number;
      };
}

/** What a worker is started with. */
export interface WeightWorkerInput extends FileJobs<WeightJob> {
  /** The file that is written. */
  readonly file: string;
}
