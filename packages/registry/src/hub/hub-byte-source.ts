import type { Readable } from 'node:stream';
import { WebsslError } from '@webssl/backend';
import type { ByteRange, ByteSource, ByteStream } from '../transfer/byte-source.js';
import { TransferProblem } from '../transfer/transfer-problem.js';
import { contentEncodingOf, contentLengthOf, headerOf } from './answer-headers.js';
import { parseContentRange } from './content-range.js';
import { decodeContent } from './decode-content.js';
import { fileAddress } from './hub-address.js';
import type { HubAnswer, HubRequests } from './hub-requests.js';
import { breakOff, leaveBody } from './leave-body.js';
import type { FileSubject } from './probe-file.js';

/** How long, in timeouts, bytes are waited for before their rate is looked at. */
const timeoutsOfRate = 6;
const leastBytesPerSecond = 1024;

/**
 * A file of a hub. Where the hub hands it over to its storage by a signed address, further requests go there
 * directly, until the address is no longer accepted: then the hub is asked again, within the same `open`.
 *
 * Content that a mirror compresses although it was asked not to comes decompressed. A compressed answer to a range
 * is of no use (it is a range of the compressed content), so the whole file is asked for instead.
 */
export class HubByteSource implements ByteSource {
  readonly #requests: HubRequests;
  readonly #subject: FileSubject;
  /** Where an earlier request was led to, away from the endpoint. */
  #storage: URL | undefined;

  constructor(requests: HubRequests, subject: FileSubject) {
    this.#requests = requests;
    this.#subject = subject;
  }

  async open(range: ByteRange | undefined, signal: AbortSignal): Promise<ByteStream> {
    const answer = await this.#ask(range, signal);
    if (answer.status === 206) {
      if (contentEncodingOf(answer.headers) === undefined)
        return this.#part(answer, range?.start ?? 0, signal);
      leaveBody(answer);
      if (range !== undefined) return await this.open(undefined, signal);
      throw new TransferProblem(`${answer.url.host} sends a part of compressed content`, { status: 206 });
    }
    return this.#whole(answer, signal);
  }

  async #ask(range: ByteRange | undefined, signal: AbortSignal): Promise<HubAnswer> {
    const storage = this.#storage;
    if (storage !== undefined) {
      try {
        return await this.#request(storage, range, signal);
      } catch (error) {
        if (!isExpired(error)) throw error;
        // Another part of the same file may have renewed it meanwhile.
        if (this.#storage === storage) this.#storage = undefined;
      }
    }
    const { id, revision, path } = this.#subject;
    const address = fileAddress(this.#requests.settings.endpoint, id, revision, path);
    const answer = await this.#request(address, range, signal);
    if (!this.#requests.isHome(answer.url)) this.#storage = answer.url;
    return answer;
  }

  #request(url: URL, range: ByteRange | undefined, signal: AbortSignal): Promise<HubAnswer> {
    const last = range?.end === undefined ? '' : range.end - 1;
    return this.#requests.get({
      method: 'GET',
      url,
      range: range && `bytes=${range.start}-${last}`,
      purpose: 'bytes',
      subject: this.#subject,
      signal,
    });
  }

  #part(answer: HubAnswer, start: number, signal: AbortSignal): ByteStream {
    const header = headerOf(answer.headers, 'content-range');
    const sent = parseContentRange(header);
    if (sent?.start !== start) {
      breakOff(answer.body);
      throw new TransferProblem(
        `${answer.url.host} was asked for bytes from ${start} on and sends ${header?.slice(0, 60) ?? 'an unnamed part'}`,
        { status: 206 },
      );
    }
    return {
      start,
      isPartial: true,
      totalBytes: sent.totalBytes,
      body: this.#bytes(answer.body, answer.url, signal),
    };
  }

  #whole({ body, headers, url }: HubAnswer, signal: AbortSignal): ByteStream {
    const content = decodeContent(body, contentEncodingOf(headers), url);
    return {
      start: 0,
      isPartial: false,
      totalBytes: contentLengthOf(headers),
      body: this.#bytes(content, url, signal),
    };
  }

  /**
   * The chunks as they come, not copied; the stream's errors as what they mean; leaving early ends the connection. A server
   * that trickles keeps within the timeout for ever: it is noticed by its rate while bytes are waited for. The reader's own
   * time does not count.
   */
  #bytes(content: Readable, url: URL, signal: AbortSignal): AsyncIterable<Uint8Array> {
    const requests = this.#requests;
    const windowMilliseconds = timeoutsOfRate * requests.settings.downloadTimeoutMilliseconds;
    return {
      [Symbol.asyncIterator]() {
        const chunks: AsyncIterator<Uint8Array> = content[Symbol.asyncIterator]();
        let waitedMilliseconds = 0;
        let bytes = 0;
        return {
          async next() {
            try {
              const started = performance.now();
              const chunk = await chunks.next();
              waitedMilliseconds += performance.now() - started;
              if (chunk.done) return chunk;
              bytes += chunk.value.length;
              if (waitedMilliseconds > windowMilliseconds) {
                if (bytes < (waitedMilliseconds / 1000) * leastBytesPerSecond) {
                  breakOff(content);
                  throw new TransferProblem(`${url.host}: slower than 1 kB/s`);
                }
                waitedMilliseconds = 0;
                bytes = 0;
              }
              return chunk;
            } catch (error) {
              signal.throwIfAborted();
              throw requests.problemOf(error, url, 'bytes');
            }
          },
          async return() {
            breakOff(content);
            return { done: true, value: undefined };
          },
        };
      },
    };
  }
}

/** Whether an address that was good once is refused now. */
function isExpired(error: unknown): boolean {
  const status =
    error instanceof TransferProblem
      ? error.status
      : WebsslError.isInstance(error)
        ? error.details['status']
        : undefined;
  return status === 400 || status === 401 || status === 403 || status === 404 || status === 410;
}
