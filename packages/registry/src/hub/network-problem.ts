import { WebsslError } from '@webssl/backend';
import { errors } from 'undici';
import { TransferProblem } from '../transfer/transfer-problem.js';
import { hubError } from './hub-error.js';

/** What Node and OpenSSL call certificates that are not trusted, outdated or of another host. */
const certificateCode =
  /^(?:CERT_|CRL_|UNABLE_TO_|ERROR_IN_CERT|ERR_TLS_CERT_|DEPTH_ZERO_SELF_SIGNED|SELF_SIGNED_CERT|INVALID_CA|INVALID_PURPOSE|PATH_LENGTH_EXCEEDED|HOSTNAME_MISMATCH)/;

/** Calls that were wrong, or a client that is closed: no matter of the network. */
const programCodes: ReadonlySet<string> = new Set([
  'UND_ERR_INVALID_ARG',
  'UND_ERR_DESTROYED',
  'UND_ERR_CLOSED',
]);

/** What OpenSSL calls an answer that is not encrypted. */
const plainAnswerCodes: ReadonlySet<string> = new Set([
  'ERR_SSL_WRONG_VERSION_NUMBER',
  'ERR_SSL_PACKET_LENGTH_TOO_LONG',
]);

/** Codes of hosts that are not there at all, as opposed to connections that break. */
const absentCodes: ReadonlySet<string> = new Set(['ENOTFOUND', 'ECONNREFUSED']);

/**
 * What a failed request or a broken answer means. Errors of another kind are given back as they are.
 * @param place what was connected to, for messages
 */
export function networkProblem(error: unknown, place: string, timeoutMilliseconds: number): Error {
  if (!(error instanceof Error)) return new TransferProblem(`${place}: ${String(error)}`);
  if (WebsslError.isInstance(error) || error instanceof TransferProblem) return error;
  // Its properties hold what was received; nothing of that belongs into a message or a cause.
  if (error instanceof errors.HTTPParserError) {
    return new TransferProblem(`${place}: the answer is not HTTP`);
  }
  const tunnelStatus = /^Proxy response \((\d+)\)/.exec(error.message)?.[1];
  if (tunnelStatus === '407' || error.message === 'Proxy Authentication Required (407)') {
    return hubError(
      'HUB_UNREACHABLE',
      `The proxy asks for a user name and a password (407) before it connects to ${place}. Put them into HTTPS_PROXY and HTTP_PROXY: http://user:password@proxy:port.`,
      { details: { place, status: 407 } },
    );
  }
  const code = codeOf(error);
  if (code === undefined || programCodes.has(code)) return error;
  if (certificateCode.test(code)) return untrusted(place, code, error);
  if (plainAnswerCodes.has(code)) {
    return hubError(
      'HUB_UNREACHABLE',
      `${place} does not speak TLS: the address begins with https and may have to begin with http.`,
      { cause: error, details: { place, code } },
    );
  }
  const reason =
    tunnelStatus === undefined
      ? describe(code, error, timeoutMilliseconds)
      : `the proxy answered ${tunnelStatus} instead of connecting`;
  return new TransferProblem(`${place}: ${reason}`, { cause: error });
}

/** Whether nobody answers under a name or a port: a wrong address more often than a bad connection. */
export function isHostAbsent({ cause }: TransferProblem): boolean {
  return cause instanceof Error && absentCodes.has(codeOf(cause) ?? '');
}

function untrusted(place: string, code: string, cause: Error): WebsslError {
  return hubError(
    'HUB_UNREACHABLE',
    `The certificate of ${place} is not trusted (${code}). Behind a proxy that opens encrypted connections, name its certificate authority's file in NODE_EXTRA_CA_CERTS; else check the address and this machine's clock.`,
    { cause, details: { place, code } },
  );
}

function describe(code: string, error: Error, timeoutMilliseconds: number): string {
  const seconds = `${timeoutMilliseconds / 1000} s`;
  switch (code) {
    case 'UND_ERR_CONNECT_TIMEOUT':
      return `no connection within ${seconds}`;
    case 'UND_ERR_HEADERS_TIMEOUT':
      return `no answer within ${seconds}`;
    case 'UND_ERR_BODY_TIMEOUT':
      return `nothing came for ${seconds}`;
    case 'UND_ERR_SOCKET':
    case 'ECONNRESET':
    case 'EPIPE':
      return 'the connection was closed';
    case 'ECONNREFUSED':
      return 'the connection was refused';
    case 'ENOTFOUND':
      return 'there is no host of this name';
    case 'EAI_AGAIN':
      return 'the name cannot be looked up now';
    default:
      return `${error.message || 'the connection failed'} (${code})`;
  }
}

/** The code of an error, or of the one that it wraps. */
function codeOf(error: Error): string | undefined {
  const own = 'code' in error && typeof error.code === 'string' ? error.code : undefined;
  const inner = error.cause instanceof Error ? codeOf(error.cause) : undefined;
  return inner !== undefined && certificateCode.test(inner) ? inner : (own ?? inner);
}
