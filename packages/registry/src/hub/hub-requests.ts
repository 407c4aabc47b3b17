import type { Readable } from 'node:stream';
import { request } from 'undici';
import { type AnswerHeaders, headerOf } from './answer-headers.js';
import { answerProblem, type HubSubject } from './answer-problem.js';
import { Connections } from './connections.js';
import { hubError } from './hub-error.js';
import type { HubSettings } from './hub-settings.js';
import { leaveBody } from './leave-body.js';
import { networkProblem } from './network-problem.js';
import { proxyFor } from './proxy-rules.js';
import { type RedirectGuard, redirectGuard } from './redirect-guard.js';
import { userAgent } from './user-agent.js';

/** A request to the hub, or to where it leads. */
export interface HubRequest {
  readonly method: 'GET' | 'HEAD';
  readonly url: URL;
  /** The `Range` header. */
  readonly range?: string | undefined;
  /** Which of the two timeouts holds. */
  readonly purpose: 'metadata' | 'bytes';
  readonly subject: HubSubject;
  readonly signal: AbortSignal | undefined;
}

/** An answer whose body must be read or discarded. */
export interface HubAnswer {
  /** The address that answered, after redirects. */
  readonly url: URL;
  readonly status: number;
  readonly headers: AnswerHeaders;
  readonly body: Readable;
}

/** Whether a redirect itself is the answer wanted, instead of where it leads. */
export type ReadsRedirect = (answer: HubAnswer, target: URL) => boolean;

const mostRedirects = 10;
const redirectStatuses: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);

/** One client's requests: who is shown the token, which redirects are followed, how long an answer may take. */
export class HubRequests {
  readonly settings: HubSettings;
  readonly #origin: string;
  readonly #guard: RedirectGuard;
  readonly #connections: Readonly<Record<HubRequest['purpose'], Connections>>;
  readonly #timeouts: Readonly<Record<HubRequest['purpose'], number>>;

  constructor(settings: HubSettings, guard: RedirectGuard = redirectGuard(settings.endpoint)) {
    this.settings = settings;
    this.#origin = new URL(settings.endpoint).origin;
    this.#guard = guard;
    this.#timeouts = {
      metadata: settings.metadataTimeoutMilliseconds,
      bytes: settings.downloadTimeoutMilliseconds,
    };
    const { proxies } = settings;
    this.#connections = {
      metadata: new Connections({ proxies, guard, timeoutMilliseconds: this.#timeouts.metadata }),
      bytes: new Connections({ proxies, guard, timeoutMilliseconds: this.#timeouts.bytes }),
    };
  }

  async close(): Promise<void> {
    await Promise.all([this.#connections.metadata.close(), this.#connections.bytes.close()]);
  }

  /** Whether an address belongs to the endpoint: only there the token is sent. */
  isHome(url: URL): boolean {
    return url.origin === this.#origin;
  }

  /**
   * Sends a request and follows redirects. The answer is a success (2xx), or the redirect that `readsRedirect` chose.
   * @throws TransferProblem, WebsslError for every other answer and for broken connections; the signal's reason
   */
  async get(wanted: HubRequest, readsRedirect: ReadsRedirect = () => false): Promise<HubAnswer> {
    let url = wanted.url;
    for (let redirects = 0; redirects <= mostRedirects; redirects++) {
      const answer = await this.#send(wanted, url);
      if (answer.status >= 200 && answer.status < 300) return answer;
      const target = redirectTarget(answer);
      if (target === undefined) {
        leaveBody(answer, wanted.method);
        throw answerProblem(answer, wanted, this.settings);
      }
      if (readsRedirect(answer, target)) return answer;
      leaveBody(answer, wanted.method);
      await this.#guard.check(target);
      url = target;
    }
    throw hubError(
      'HUB_REDIRECT_REFUSED',
      `${wanted.url.origin}${wanted.url.pathname} leads through more than ${mostRedirects} redirects, the last to ${url.host}.`,
    );
  }

  /** Refuses an address that an answer names, by the rules for redirects. */
  async checkTarget(url: URL): Promise<void> {
    await this.#guard.check(url);
  }

  /** An error while an answer's body was read, as what it means. */
  problemOf(error: unknown, url: URL, purpose: HubRequest['purpose']): Error {
    const proxy = proxyFor(this.settings.proxies, url);
    const place =
      proxy === undefined ? url.host : `${url.host} (through the proxy ${new URL(proxy.url).host})`;
    return networkProblem(error, place, this.#timeouts[purpose]);
  }

  async #send({ method, range, purpose, signal }: HubRequest, url: URL): Promise<HubAnswer> {
    const { offline, endpoint, token } = this.settings;
    signal?.throwIfAborted();
    if (offline) {
      throw hubError(
        'HUB_OFFLINE',
        `${endpoint} is not asked: the network is switched off (the offline option, HF_HUB_OFFLINE or TRANSFORMERS_OFFLINE). Only what is on disk can be used. Switch it on to fetch more.`,
        { details: { endpoint } },
      );
    }
    const timeout = this.#timeouts[purpose];
    try {
      const { statusCode, headers, body } = await request(url, {
        method,
        dispatcher: this.#connections[purpose].for(url),
        headers: {
          'user-agent': userAgent,
          'accept-encoding': 'identity',
          ...(range === undefined ? {} : { range }),
          ...(token !== undefined && this.isHome(url) ? { authorization: `Bearer ${token}` } : {}),
        },
        headersTimeout: timeout,
        bodyTimeout: timeout,
        signal: signal ?? null,
      });
      return { url, status: statusCode, headers, body };
    } catch (error) {
      signal?.throwIfAborted();
      throw this.problemOf(error, url, purpose);
    }
  }
}

function redirectTarget({ status, headers, url }: HubAnswer): URL | undefined {
  const location = headerOf(headers, 'location');
  if (!redirectStatuses.has(status) || location === undefined || !URL.canParse(location, url.href)) {
    return undefined;
  }
  const target = new URL(location, url);
  target.hash = '';
  return target;
}
