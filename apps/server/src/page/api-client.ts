import { WebsslError } from '@webssl/backend';
import { type FloatTensor, readSafetensors } from './read-safetensors.js';
import { readServerInfo, type ServerInfo } from './server-info.js';
import { readRetryAfter, readServerTiming } from './server-timing.js';

interface FeatureAnswer {
  readonly tensors: ReadonlyMap<string, FloatTensor>;
  /** From the request's start to its last byte, without the waiting before it was repeated. */
  readonly milliseconds: number;
  /** What the server says of its own part: milliseconds by name. */
  readonly phases: ReadonlyMap<string, number>;
}

interface FeatureOptions {
  readonly signal: AbortSignal;
  /** Called before a request is repeated because the server is busy. */
  readonly onBusy: (milliseconds: number, attempt: number) => void;
}

export interface ApiClient {
  /** @throws WebsslError as the server answers, `SERVER_UNREACHABLE`, `INFO_UNREADABLE` */
  info(): Promise<ServerInfo>;
  /** @throws WebsslError as the server answers, `SERVER_UNREACHABLE`, `ANSWER_UNREADABLE` */
  features(image: Blob, names: readonly string[], options: FeatureOptions): Promise<FeatureAnswer>;
}

/** A busy server is asked so many times more. */
export const mostRepetitions = 3;

/** Talks to the server that this page comes from; `key` is asked before each request. */
export function createApiClient(key: () => string | undefined): ApiClient {
  async function send(address: string, options: RequestInit): Promise<Response> {
    const headers = new Headers(options.headers);
    const present = key();
    if (present !== undefined) headers.set('authorization', `Bearer ${present}`);
    const response = await fetch(new URL(address, document.baseURI), { ...options, headers }).catch(
      unreachable,
    );
    if (!response.ok) throw await refusal(response);
    return response;
  }

  async function sendImage(
    image: Blob,
    names: readonly string[],
    signal: AbortSignal,
  ): Promise<FeatureAnswer> {
    const started = performance.now();
    // The norm of a normalised feature says nothing.
    const query = new URLSearchParams({ features: names.join(','), normalize: 'false' });
    const response = await send(`v1/features?${query}`, {
      method: 'POST',
      body: image,
      signal,
      headers: {
        accept: 'application/vnd.safetensors',
        'content-type': image.type.startsWith('image/') ? image.type : 'application/octet-stream',
      },
    });
    const bytes = await response.arrayBuffer().catch(unreachable);
    return {
      tensors: readSafetensors(bytes),
      milliseconds: performance.now() - started,
      phases: readServerTiming(response.headers.get('server-timing')),
    };
  }

  return {
    async info() {
      const response = await send('info', { headers: { accept: 'application/json' } });
      return readServerInfo(await response.json().catch(() => undefined));
    },
    async features(image, names, { signal, onBusy }) {
      for (let attempt = 1; ; attempt++) {
        try {
          return await sendImage(image, names, signal);
        } catch (error) {
          const wait = WebsslError.isInstance(error) ? error.details['retryAfter'] : undefined;
          if (typeof wait !== 'number' || attempt > mostRepetitions) throw error;
          onBusy(wait, attempt);
          await pause(wait, signal);
        }
      }
    },
  };
}

/** Whether the server wants an API key, or another one. */
export function asksForKey(error: unknown): boolean {
  return WebsslError.isInstance(error) && error.details['status'] === 401;
}

async function refusal(response: Response): Promise<WebsslError> {
  const body: unknown = await response.json().catch(() => undefined);
  const error = body instanceof Object && 'error' in body ? body.error : undefined;
  const text = (name: string) => {
    const value: unknown = error instanceof Object ? Reflect.get(error, name) : undefined;
    return typeof value === 'string' ? value : undefined;
  };
  const isBusy = response.status === 429 || response.status === 503;
  return new WebsslError({
    code: text('code') ?? `HTTP_${response.status}`,
    message: text('message') ?? `The server answered with status ${response.status} and no reason.`,
    details: {
      status: response.status,
      ...(isBusy ? { retryAfter: readRetryAfter(response.headers.get('retry-after'), Date.now()) } : {}),
    },
  });
}

function unreachable(error: unknown): never {
  if (error instanceof DOMException && error.name === 'AbortError') throw error;
  throw new WebsslError({
    code: 'SERVER_UNREACHABLE',
    message: 'The server did not answer, or the connection broke. Is it still running?',
    cause: error,
  });
}

function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const stop = () => {
      clearTimeout(timer);
      reject(signal.reason);
    };
    const timer = setTimeout(() => {
      signal.removeEventListener('abort', stop);
      resolve();
    }, milliseconds);
    if (signal.aborted) stop();
    else signal.addEventListener('abort', stop, { once: true });
  });
}
