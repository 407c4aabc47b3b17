import { WebsslError } from '@webssl/backend';
import { errors } from 'undici';
import { Failure, Refusal } from './remote-image-error.js';

/** What Node and OpenSSL call certificates that are not trusted, outdated or of another host. */
const certificateCode =
  /^(?:CERT_|CRL_|UNABLE_TO_|ERR_TLS_CERT_|DEPTH_ZERO_|SELF_SIGNED_|INVALID_CA|INVALID_PURPOSE|PATH_LENGTH_|HOSTNAME_MISMATCH)/;

/** A call that was wrong is a fault of ours, no matter of the network. */
const programCode = 'UND_ERR_INVALID_ARG';

const closedCodes: ReadonlySet<string> = new Set(['UND_ERR_DESTROYED', 'UND_ERR_CLOSED']);

/**
 * What a broken connection or answer means for the client. Errors of another kind are given back as they are.
 *
 * The error itself is left behind: its text and properties hold addresses and what was received.
 */
export function networkFailure(error: unknown): unknown {
  if (error instanceof Refusal || error instanceof Failure || WebsslError.isInstance(error)) return error;
  if (error instanceof errors.HTTPParserError)
    return new Failure('network', 'its host did not answer in HTTP');
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (typeof code !== 'string' || code === programCode) return error;
  if (closedCodes.has(code)) return closed();
  if (certificateCode.test(code)) {
    return new Failure('certificate', 'the certificate of its host is not trusted', { code });
  }
  if (code === 'UND_ERR_HEADERS_OVERFLOW') {
    return new Failure('headers', 'the headers of the answer are too large', { code });
  }
  return new Failure('network', 'the connection failed or was cut off', { code });
}

export function timedOut(milliseconds: number): Failure {
  return new Failure('timeout', `it had not come after ${milliseconds / 1000} s`, { limit: milliseconds });
}

export function closed(): Failure {
  return new Failure('closed', 'the server is stopping');
}
