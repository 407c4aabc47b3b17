import { type Precision, WebsslError } from '@webssl/backend';
import type { CannPrecision, Provider } from './session-setup.js';

const supported: Readonly<Record<Provider, readonly CannPrecision[]>> = {
  cpu: ['fp32'],
  cann: ['fp32', 'fp16', 'mixed'],
};

/**
 * The precision to compute in, `fp32` where none is asked for: left unset, CANN would compute in fp16.
 * @throws WebsslError `BACKEND_PRECISION_UNSUPPORTED`
 */
export function checkPrecision(provider: Provider, precision: Precision = 'fp32'): CannPrecision {
  const known = supported[provider].find((name) => name === precision);
  if (known !== undefined) return known;
  throw new WebsslError({
    code: 'BACKEND_PRECISION_UNSUPPORTED',
    message:
      `The backend cann-onnx with provider '${provider}' computes in ${supported[provider].join(', ')}, ` +
      `not in '${precision}'.`,
    details: { precision, supported: supported[provider] },
  });
}
