import type { Dispatcher } from 'undici';
import packageJson from '../../package.json' with { type: 'json' };
import type { HostGate } from './host-gate.js';
import { plainHost, readUrl } from './host-name.js';
import { checkImageUrl, type UrlRules } from './image-url.js';
import { networkFailure } from './network-failure.js';
import { leave, readImage, redirectTarget } from './read-answer.js';
import { Failure, failed, Refusal, refused } from './remote-image-error.js';

/** What all fetches share. */
interface JourneySettings extends UrlRules {
  readonly maxBytes: number;
  readonly maxRedirects: number;
  readonly gate: HostGate;
  readonly dispatcher: Dispatcher;
}

/** One fetch, from the client's URL through redirects to the image. */
export class ImageJourney {
  readonly #start: string;
  readonly #settings: JourneySettings;
  #redirects = 0;

  constructor(start: string, settings: JourneySettings) {
    this.#start = start;
    this.#settings = settings;
  }

  /** @throws Refusal, Failure, WebsslError `IMAGE_TOO_LARGE`, errors of the network, the signal's reason */
  async run(signal: AbortSignal): Promise<Uint8Array> {
    let place = checkImageUrl(this.#start, this.#settings);
    for (;;) {
      const arrived = await this.#step(place, signal);
      if (arrived instanceof Uint8Array) return arrived;
      place = arrived;
    }
  }

  /** What the client is told of an error; an error of no kind that is expected stays itself. */
  explain(error: unknown): unknown {
    const problem = networkFailure(error);
    const url = readUrl(this.#start);
    const host = url && plainHost(url);
    if (problem instanceof Refusal) return refused(problem, host, this.#redirects);
    if (problem instanceof Failure) return failed(problem, host, this.#redirects);
    return problem;
  }

  /** The image, or where to go for it. */
  async #step(place: URL, signal: AbortSignal): Promise<Uint8Array | URL> {
    const { gate, dispatcher, maxBytes, maxRedirects } = this.#settings;
    const giveTurnBack = await gate.enter(place.host, signal);
    try {
      const answer = await request(dispatcher, place, signal);
      try {
        const target = redirectTarget(answer);
        if (target === undefined) return await readImage(answer, maxBytes);
        this.#redirects++;
        if (this.#redirects > maxRedirects) throw new Refusal('redirects');
        return checkImageUrl(target, this.#settings, place);
      } finally {
        leave(answer.body);
      }
    } finally {
      giveTurnBack();
    }
  }
}

function request(dispatcher: Dispatcher, url: URL, signal: AbortSignal): Promise<Dispatcher.ResponseData> {
  return dispatcher.request({
    method: 'GET',
    origin: url.origin,
    path: url.pathname + url.search,
    signal,
    headers: {
      accept: 'image/png, image/jpeg, image/webp, image/*;q=0.5',
      'accept-encoding': 'identity',
      'user-agent': `webssl-server/${packageJson.version}`,
    },
  });
}
