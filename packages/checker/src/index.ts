export { formatJsonLine, formatRecord } from './format-record.js';
export { formatVerdict } from './format-verdict.js';
export { escapeInvisible } from './invisible-characters.js';
export { isMeasurement } from './is-measurement.js';
export { judge } from './judge/judge.js';
export { parseLog } from './parse-log.js';
export { parseThresholds, validateThresholds } from './parse-thresholds.js';
export { recordSchemaVersion } from './record-fields.js';
export {
  type DamagedRecord,
  type EvaluationRecord,
  type LogRecord,
  type RecordName,
  type RecordOf,
  recordSchemas,
} from './records.js';
export { recordsOf } from './records-of.js';
export { defaultMaxNmse, nmsePresets, type Thresholds, thresholdsSchema } from './thresholds.js';
export type { JudgeOptions, Rule, RunKind, Verdict } from './verdict.js';
