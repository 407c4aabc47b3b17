import { Agent, type Dispatcher, Pool, ProxyAgent } from 'undici';
import { type ProxyRules, type ProxyServer, proxyFor } from './proxy-rules.js';
import type { RedirectGuard } from './redirect-guard.js';

/**
 * Time for one address of a host before the next one is tried beside it. Node's own 250 ms are too short for far hosts
 * on slow links: no address but the last would ever answer.
 */
const addressMilliseconds = 1000;

export interface ConnectionOptions {
  readonly proxies: ProxyRules;
  readonly guard: RedirectGuard;
  /** For connecting; requests name their own timeouts. */
  readonly timeoutMilliseconds: number;
}

/** The connections of a client, kept alive between requests. */
export class Connections {
  readonly #options: ConnectionOptions;
  readonly #direct: Agent;
  readonly #proxied = new Map<string, ProxyAgent>();

  constructor(options: ConnectionOptions) {
    this.#options = options;
    const { guard, timeoutMilliseconds } = options;
    this.#direct = new Agent({
      connect: {
        timeout: timeoutMilliseconds,
        lookup: guard.lookup,
        autoSelectFamily: true,
        autoSelectFamilyAttemptTimeout: addressMilliseconds,
      },
    });
  }

  /** What carries requests to an address. */
  for(url: URL): Dispatcher {
    const proxy = proxyFor(this.#options.proxies, url);
    return proxy === undefined ? this.#direct : this.#through(proxy);
  }

  /** Ends all connections, also those in use. */
  async close(): Promise<void> {
    await Promise.all([this.#direct, ...this.#proxied.values()].map((agent) => agent.destroy()));
  }

  #through({ url, authorization }: ProxyServer): ProxyAgent {
    const key = `${authorization} ${url}`;
    const known = this.#proxied.get(key);
    if (known !== undefined) return known;
    const timeout = this.#options.timeoutMilliseconds;
    const agent = new ProxyAgent({
      uri: url,
      ...(authorization === undefined ? {} : { token: authorization }),
      // Plain http is forwarded, as Python does: proxies often allow CONNECT for https only.
      proxyTunnel: false,
      proxyTls: { timeout },
      requestTls: { timeout },
      clientFactory: (origin, options) => new Pool(origin, { ...options, headersTimeout: timeout }),
    });
    this.#proxied.set(key, agent);
    return agent;
  }
}
