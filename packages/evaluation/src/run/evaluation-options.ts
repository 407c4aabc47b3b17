import type { EvaluationRecord } from '@webssl/checker';
import type { CustomModel, OpenModelOptions } from '@webssl/encoder';

/** What accuracy and performance runs have in common. */
export interface EvaluationOptions extends OpenModelOptions {
  /** A catalogue id, checkpoint folder, `random:<id>`, or a model of your own. */
  readonly model: string | CustomModel;
  /** Paths. Default: two synthetic test images ({@link syntheticTestImages}). */
  readonly images?: readonly string[];
  /** Called with each record as it comes: a log can be written while the run goes on. */
  readonly onRecord?: (record: EvaluationRecord) => void;
  /** Called with how far the run is. */
  readonly onStep?: (done: number, total: number) => void;
}
