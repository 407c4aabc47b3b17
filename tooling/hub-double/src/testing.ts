import { createHash } from 'node:crypto';
import { request as httpRequest, type IncomingHttpHeaders, type IncomingMessage } from 'node:http';
import { onTestFinished } from 'vitest';
import { type HubDouble, startHubDouble } from './hub-double.js';
import type { HubDoubleFile, HubDoubleOptions } from './options.js';

export const id = 'owner/model';

/** A double with one repository, closed when the test ends. */
export async function hubWith(
  files: Record<string, HubDoubleFile>,
  options: Partial<HubDoubleOptions> = {},
): Promise<HubDouble> {
  return openHub({ repositories: [{ id, commits: [{ files }] }], ...options });
}

export async function openHub(options: HubDoubleOptions): Promise<HubDouble> {
  const hub = await startHubDouble(options);
  onTestFinished(() => hub.close());
  return hub;
}

/** What a client saw of an answer. */
export interface SeenAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
  /** Whether the answer ended as its framing says. */
  readonly isComplete: boolean;
}

/** One request on a connection of its own, redirects not followed. Rejects where no headers come. */
export function fetchOnce(
  url: string,
  {
    method = 'GET',
    headers = {},
    body,
  }: { method?: string; headers?: Record<string, string>; body?: string } = {},
): Promise<SeenAnswer> {
  return new Promise((resolve, reject) => {
    const request = httpRequest(url, { method, headers, agent: false }, (answer) => {
      collect(answer).then(resolve, reject);
    });
    request.once('error', reject);
    request.end(body);
  });
}

async function collect(answer: IncomingMessage): Promise<SeenAnswer> {
  const parts: Buffer[] = [];
  try {
    for await (const part of answer) parts.push(part as Buffer);
  } catch {
    // The connection was closed early: `complete` says so.
  }
  return {
    status: answer.statusCode ?? 0,
    headers: answer.headers,
    body: Buffer.concat(parts),
    isComplete: answer.complete,
  };
}

/** The signed address of a large file. */
export async function signedUrl(hub: HubDouble, path: string): Promise<string> {
  const { headers } = await fetchOnce(`${hub.endpoint}/${id}/resolve/main/${path}`, { method: 'HEAD' });
  return headers.location ?? '';
}

export function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
