/** What goes wrong with one answer. Bytes are body bytes of that answer, except where a place in the file is meant. */
export type Fault =
  /** The connection is closed before any header is sent. */
  | { readonly kind: 'disconnect' }
  /** The connection is closed after so many bytes. */
  | { readonly kind: 'drop'; readonly afterBytes: number }
  /** Nothing comes after so many bytes; the connection stays open until the client or the double closes it. */
  | { readonly kind: 'stall'; readonly afterBytes: number }
  /** The headers come late. */
  | { readonly kind: 'delay'; readonly milliseconds: number }
  /** Another answer, such as 503, or 429 with a `Retry-After` header. */
  | {
      readonly kind: 'status';
      readonly status: number;
      readonly headers?: Readonly<Record<string, string>>;
      readonly body?: string;
    }
  /** The body ends cleanly, so many bytes early: in chunked encoding (default), or after a `Content-Length` that is too small. */
  | { readonly kind: 'truncate'; readonly bytes: number; readonly framing?: 'chunked' | 'content-length' }
  /** The byte at this place of the file comes with some bits flipped. */
  | { readonly kind: 'alter'; readonly offset: number; readonly mask?: number }
  | { readonly kind: 'withoutHeaders'; readonly names: readonly string[] }
  /** No `Content-Length`; the body comes in chunked encoding. */
  | { readonly kind: 'chunked' }
  /** Compressed whatever the client accepts: no length, no range, a weak etag. */
  | { readonly kind: 'gzip' }
  /** 200 and the whole file although a range was asked. */
  | { readonly kind: 'ignoreRange' }
  /** 416 although the range is right. */
  | { readonly kind: 'refuseRange' }
  | {
      readonly kind: 'redirect';
      readonly status: 301 | 302 | 303 | 307 | 308;
      readonly location: string;
    }
  /** The CDN host answers 403 as for a signature that is too old. */
  | { readonly kind: 'expiredUrl' }
  | { readonly kind: 'slow'; readonly bytesPerSecond: number };

/** Which requests a fault strikes. A rule counts only requests whose answer can show its fault. */
export interface FaultRule {
  /** Default: both hosts. */
  readonly on?: 'hub' | 'cdn';
  /** Default: every method. */
  readonly method?: string;
  /** Part of the path and query. On both hosts the query or path names the file. Default: every path. */
  readonly path?: string;
  /** So many matching requests pass unharmed first. Default 0. */
  readonly skip?: number;
  /** So many matching requests are struck, then the rule is spent. Default 1; `Infinity` for ever. */
  readonly times?: number;
  readonly fault: Fault;
}
