import { WebsslError } from '@webssl/backend';

/** @throws WebsslError `ENCODER_OPTION_INVALID` */
export function positive(value: number, option: string): number {
  if (Number.isSafeInteger(value) && value > 0) return value;
  throw new WebsslError({
    code: 'ENCODER_OPTION_INVALID',
    message: `${option} must be a whole number of at least 1, not ${value}.`,
    details: { option, value },
  });
}
