import type { WebsslError } from '@webssl/backend';
import { TransferProblem } from '../transfer/transfer-problem.js';
import { type AnswerHeaders, headerOf } from './answer-headers.js';
import { hubError } from './hub-error.js';
import type { HubSettings } from './hub-settings.js';
import { retryAfterMilliseconds } from './retry-after.js';

/** What a request is about, for messages. */
export interface HubSubject {
  readonly id: string;
  readonly revision: string;
  readonly path?: string | undefined;
}

interface RefusedAnswer {
  readonly url: URL;
  readonly status: number;
  readonly headers: AnswerHeaders;
}

/** Below 500: too slow a request, too early, too many. */
const busyStatuses: ReadonlySet<number> = new Set([408, 425, 429]);

/** Servers that do not know the method or the protocol will not learn it. */
const lastingServerStatuses: ReadonlySet<number> = new Set([501, 505]);

/** What storage servers answer to a signed address that has expired. */
const expiredStatuses: ReadonlySet<number> = new Set([400, 401, 403, 404, 410]);

/** What an answer that is neither a success nor a redirect means. */
export function answerProblem(
  answer: RefusedAnswer,
  { subject, purpose }: { readonly subject: HubSubject; readonly purpose: 'metadata' | 'bytes' },
  settings: HubSettings,
): TransferProblem | WebsslError {
  const { url, status, headers } = answer;
  if (busyStatuses.has(status) || (status >= 500 && !lastingServerStatuses.has(status))) {
    const retryAfter = retryAfterMilliseconds(headers);
    return new TransferProblem(`${url.host} answered ${status}`, {
      status,
      ...(retryAfter === undefined ? {} : { retryAfterMilliseconds: retryAfter }),
    });
  }
  const errorCode = headerOf(headers, 'x-error-code');
  const isStorage = !isHome(url, settings) && errorCode === undefined;
  if (purpose === 'bytes' && (status === 416 || (isStorage && expiredStatuses.has(status)))) {
    return new TransferProblem(`${url.host} answered ${status}`, { status });
  }
  return refusal(answer, errorCode, subject, settings);
}

function refusal(
  { url, status, headers }: RefusedAnswer,
  errorCode: string | undefined,
  { id, revision, path }: HubSubject,
  settings: HubSettings,
): WebsslError {
  const { endpoint, token } = settings;
  const said = sayings(headerOf(headers, 'x-error-message'), token);
  const details = { endpoint, status, errorCode, id, revision, path };
  const signIn = signInAdvice(url, settings);
  const isMissing = status === 404 || status === 410;
  if (errorCode === 'GatedRepo') {
    return hubError(
      'HUB_ACCESS_DENIED',
      `${id} is gated${said}. Accept its terms at ${endpoint}/${id}. ${signIn}`,
      { details },
    );
  }
  if (errorCode === 'RevisionNotFound') {
    return hubError('HUB_REVISION_NOT_FOUND', `${id} has no revision '${revision}' at ${endpoint}.`, {
      details,
    });
  }
  if (errorCode === 'EntryNotFound' || (isMissing && errorCode === undefined && path !== undefined)) {
    return hubError('HUB_FILE_NOT_FOUND', `${id} has no file ${path} at revision '${revision}'${said}.`, {
      details,
    });
  }
  if (errorCode === 'RepoNotFound' || isMissing) {
    return hubError(
      'HUB_REPOSITORY_NOT_FOUND',
      `There is no repository ${id} at ${endpoint} (${status}${said}), or it is private. Check the name. ${signIn}`,
      { details },
    );
  }
  if (status === 401 || status === 403) {
    return hubError(
      'HUB_ACCESS_DENIED',
      `${url.host} denies access to ${id} (${status}${said}): the repository does not exist, is private, or is gated (terms to accept at ${endpoint}/${id}). ${signIn}`,
      { details },
    );
  }
  return hubError(
    'HUB_RESPONSE_INVALID',
    `${url.host} answered ${status}${said} when asked for ${path ?? id}.`,
    {
      details,
    },
  );
}

function signInAdvice(url: URL, settings: HubSettings): string {
  const { endpoint, token } = settings;
  if (token === undefined) return 'Give a token of an account that may read it: HF_TOKEN, or a token file.';
  return isHome(url, settings)
    ? 'The token in use does not give access to it; give one of an account that may read it.'
    : `The token was not shown to ${url.host}: it is only for ${endpoint}, which led there.`;
}

function isHome(url: URL, { endpoint }: HubSettings): boolean {
  return url.origin === new URL(endpoint).origin;
}

/** What the hub says to it, fit for a terminal; a hub that repeats the token must not bring it into a message. */
function sayings(text: string | undefined, token: string | undefined): string {
  if (text === undefined) return '';
  const hidden = token === undefined ? text : text.replaceAll(token, '***');
  return `: ${hidden.replace(/[^\x20-\x7e]/g, ' ').slice(0, 200)}`;
}
