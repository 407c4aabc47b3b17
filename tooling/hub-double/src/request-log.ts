import type { IncomingHttpHeaders } from 'node:http';
import type { Fault } from './fault.js';

/** One request as it came, and what was answered so far. */
export interface LoggedRequest {
  readonly host: 'hub' | 'cdn';
  readonly method: string;
  /** With the query. */
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  /** The `Range` header. */
  readonly range: string | undefined;
  /** The `Authorization` header. A client must never send one to the CDN host. */
  readonly authorization: string | undefined;
  /** `performance.now()` when it came. */
  readonly milliseconds: number;
  /** 0 until the headers are sent, and for ever where the connection was closed before. */
  readonly status: number;
  /** Body bytes handed to the socket, kept up to date while the body is sent. */
  readonly bodyBytes: number;
  readonly fault: Fault | undefined;
}

export type WritableLoggedRequest = { -readonly [Key in keyof LoggedRequest]: LoggedRequest[Key] };

/** Which requests are meant; an absent field means any. `path` is a part of the path and query. */
export interface RequestFilter {
  readonly host?: 'hub' | 'cdn';
  readonly method?: string;
  readonly path?: string;
}

export function matchesFilter(request: LoggedRequest, { host, method, path }: RequestFilter): boolean {
  return (
    (host === undefined || request.host === host) &&
    (method === undefined || request.method === method) &&
    (path === undefined || request.path.includes(path))
  );
}
