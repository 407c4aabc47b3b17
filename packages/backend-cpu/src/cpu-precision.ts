import { type OnnxModel, type Precision, WebsslError } from '@webssl/backend';
import { hasBf16Arithmetic } from './bf16-arithmetic.js';

/** The precisions that this processor can compute in. */
function supportedPrecisions(): readonly string[] {
  return ['fp32', 'int8', 'tuned', ...(hasBf16Arithmetic() ? ['bf16'] : [])];
}

/** @throws WebsslError `BACKEND_PRECISION_UNSUPPORTED` for a precision that this processor does not compute in. */
export function checkPrecision(precision: Precision): void {
  const supported = supportedPrecisions();
  if (supported.includes(precision)) return;
  const reason =
    precision === 'bf16'
      ? "This processor cannot compute in 'bf16': that takes Linux on arm64 with bf16 among the Features in /proc/cpuinfo, as from Graviton 3 on."
      : `The CPU backend computes in ${supported.join(', ')}, not in '${precision}'.`;
  throw unsupported(
    precision,
    `${reason} Leave the precision out or ask for one of ${supported.join(', ')}.`,
  );
}

/**
 * A model that knows nothing of precisions answers with float32 weights: it must not be taken for what was asked for.
 * @throws WebsslError `BACKEND_PRECISION_UNSUPPORTED`
 */
export function checkModelPrecision(precision: Precision, { precision: given = 'fp32' }: OnnxModel): void {
  if (given === precision) return;
  throw unsupported(
    precision,
    `The model cannot be had in '${precision}': it gave a graph in '${given}'. Use 'fp32' with it, or take a newer version of the package that it comes from.`,
  );
}

function unsupported(precision: Precision, message: string): WebsslError {
  return new WebsslError({
    code: 'BACKEND_PRECISION_UNSUPPORTED',
    message,
    details: { precision, supported: supportedPrecisions() },
  });
}
