import type { IncomingMessage } from 'node:http';
import { z } from 'zod';
import { RequestRefusal } from './request-refusal.js';

const largestBytes = 1024 * 1024;

const body = z.object({ paths: z.union([z.string().transform((path) => [path]), z.array(z.string())]) });

/**
 * The paths that a `paths-info` request asks about: JSON `{"paths": [...]}`, or a form with `paths` repeated, as Python's
 * client sends it.
 *
 * @throws RequestRefusal 400 for a body of another form, 413 for one above 1 MiB.
 */
export async function readRequestedPaths(request: IncomingMessage): Promise<readonly string[]> {
  const text = await readText(request);
  if (!/^application\/json\b/i.test(request.headers['content-type'] ?? '')) {
    return new URLSearchParams(text).getAll('paths');
  }
  const parsed = body.safeParse(parseJson(text));
  if (!parsed.success)
    throw new RequestRefusal(400, 'The body must be JSON of the form {"paths": ["config.json"]}');
  return parsed.data.paths;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

async function readText(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  // Leaving the loop must not destroy the request: its connection still carries the answer.
  for await (const chunk of request.iterator({ destroyOnReturn: false })) {
    bytes += chunk.length;
    if (bytes > largestBytes) {
      throw new RequestRefusal(413, `The body has more than ${largestBytes} bytes`);
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}
