import { Agent } from 'undici';
import {
  type Connect,
  checkedConnector,
  directConnect,
  mostAddresses,
  type ResolveName,
  resolveAll,
} from './checked-connector.js';
import { FetchEnding } from './fetch-ending.js';
import { HostGate } from './host-gate.js';
import { ImageJourney } from './image-journey.js';
import { closed, timedOut } from './network-failure.js';
import { urlsOff } from './remote-image-error.js';
import { type RemoteImageSettings, resolveSettings } from './remote-image-settings.js';

/** What tests put in the place of the network. */
export interface RemoteImageDependencies {
  readonly resolveName?: ResolveName;
  readonly connect?: Connect;
}

/** Fetches images that clients name by URL, from hosts that were allowed, and reaches nothing else. */
export interface RemoteImages {
  /**
   * The bytes at a URL as they were sent, which need not be an image.
   *
   * @throws WebsslError `IMAGE_URLS_OFF` where no host is allowed; `IMAGE_URL_REFUSED` for what the rules forbid
   * (`details.reason` says which); `IMAGE_URL_FAILED` for the network, the status, the time and after `close`;
   * `IMAGE_TOO_LARGE`; the signal's reason
   */
  fetch(url: string, signal: AbortSignal): Promise<Uint8Array>;
  /** Breaks off what is being fetched and ends all connections. */
  close(): Promise<void>;
}

/** Enough for the images of one request to come together, and no burden for a host. */
const connectionsPerHost = 8;
const keepAliveMilliseconds = 2000;
const mostHeaderBytes = 16_384;

/**
 * Images by URL, by strict rules: a list of hosts, https unless said otherwise, public addresses only, every redirect by the same
 * rules, no cookies, credentials or proxies, and caps on bytes and time.
 *
 * @throws WebsslError `IMAGE_URL_OPTION_INVALID`
 */
export function createRemoteImages(
  settings: RemoteImageSettings,
  dependencies: RemoteImageDependencies = {},
): RemoteImages {
  const { timeoutMilliseconds, ...rules } = resolveSettings(settings);
  const {
    resolveName = resolveAll,
    connect = directConnect(Math.ceil(timeoutMilliseconds / mostAddresses)),
  } = dependencies;
  const dispatcher = new Agent({
    connect: checkedConnector(resolveName, connect),
    connections: connectionsPerHost,
    keepAliveTimeout: keepAliveMilliseconds,
    keepAliveMaxTimeout: keepAliveMilliseconds,
    maxHeaderSize: mostHeaderBytes,
    // The time of the whole fetch is capped, which holds for every part of it.
    headersTimeout: 0,
    bodyTimeout: 0,
  });
  const journeySettings = { ...rules, dispatcher, gate: new HostGate(connectionsPerHost) };
  const running = new Set<FetchEnding>();
  let isClosed = false;

  return {
    async fetch(url, signal) {
      if (rules.allowed.length === 0) throw urlsOff();
      signal.throwIfAborted();
      const ending = new FetchEnding(signal, timeoutMilliseconds, () => timedOut(timeoutMilliseconds));
      running.add(ending);
      if (isClosed) ending.end(closed());
      const journey = new ImageJourney(url, journeySettings);
      try {
        return await ending.unlessEnded(journey.run(ending.signal));
      } catch (error) {
        if (signal.aborted) throw signal.reason;
        throw journey.explain(ending.signal.aborted ? ending.signal.reason : error);
      } finally {
        running.delete(ending);
        ending.dispose();
      }
    },
    async close() {
      isClosed = true;
      for (const ending of running) ending.end(closed());
      await dispatcher.destroy();
    },
  };
}
