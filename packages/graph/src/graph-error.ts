import { WebsslError } from '@webssl/backend';

/** Codes of the errors that this package throws. */
type GraphErrorCode =
  | 'GRAPH_BATCH_INVALID'
  | 'GRAPH_LAYER_OUT_OF_RANGE'
  | 'GRAPH_MODEL_INVALID'
  | 'GRAPH_OUTPUT_UNKNOWN'
  | 'GRAPH_OUTPUTS_INVALID'
  | 'GRAPH_PLAN_INVALID'
  | 'GRAPH_PLAN_MISSING'
  | 'GRAPH_PRECISION_UNSUPPORTED'
  | 'GRAPH_SIZE_INVALID'
  | 'GRAPH_TENSOR_MISSING'
  | 'GRAPH_WEIGHT_NOT_FINITE'
  | 'GRAPH_WEIGHT_TYPE_UNSUPPORTED'
  | 'GRAPH_WEIGHTS_UNREACHABLE';

export function graphError(
  code: GraphErrorCode,
  message: string,
  details: Readonly<Record<string, unknown>> = {},
  cause?: unknown,
): WebsslError {
  return new WebsslError({ code, message, details, cause });
}
