import { WebsslError } from '@webssl/backend';

/** What every use of a closed encoder is answered with. */
export function closedError(): WebsslError {
  return new WebsslError({
    code: 'ENCODER_CLOSED',
    message: 'The encoder has been closed. Load it again to encode more images.',
  });
}
