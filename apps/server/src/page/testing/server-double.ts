import { readFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { layoutSafetensors } from '@webssl/tensor-files';
import { madeFeature, madeModel } from './made-features.js';

/** How the double behaves; it can be changed while it runs. */
interface Behaviour {
  synthetic: boolean;
  /** Requests need this key. */
  key?: string;
  /** The next requests for features are answered with 429. */
  busy: number;
  /** The answer to every request for features waits for this. */
  held?: Promise<void>;
  served?: readonly string[];
}

export interface ServerDouble {
  readonly address: string;
  readonly behaviour: Behaviour;
  /** Method and address of each request, in order. */
  readonly requests: string[];
  close(): Promise<void>;
}

const policy =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; connect-src 'self'; form-action 'none'; base-uri 'none'; frame-ancestors 'none'";
const types: Readonly<Record<string, string>> = {
  html: 'text/html; charset=utf-8',
  css: 'text/css; charset=utf-8',
  js: 'text/javascript; charset=utf-8',
};

/** Gives the built page and the interface it talks to, with features made of the images' bytes. */
export async function startServerDouble(pageFolder: string): Promise<ServerDouble> {
  const behaviour: Behaviour = { synthetic: false, busy: 0 };
  const requests: string[] = [];

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://localhost');
    requests.push(`${request.method} ${request.url}`);
    response.setHeader('content-security-policy', policy);
    response.setHeader('x-content-type-options', 'nosniff');
    const isInterface = pathname === '/info' || pathname.startsWith('/v1/');
    if (!isInterface) return sendFile(response, join(pageFolder, pathname === '/' ? 'index.html' : pathname));
    const { key } = behaviour;
    if (key !== undefined && request.headers.authorization !== `Bearer ${key}`) {
      const code = request.headers.authorization === undefined ? 'API_KEY_MISSING' : 'API_KEY_UNKNOWN';
      return refuse(response, 401, code, 'This server asks for an API key.');
    }
    if (pathname === '/info') return sendJson(response, 200, information(behaviour));
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    return sendFeatures(response, Buffer.concat(chunks), searchParams.get('features')?.split(',') ?? []);
  }

  async function sendFeatures(
    response: ServerResponse,
    image: Buffer,
    names: readonly string[],
  ): Promise<void> {
    await behaviour.held;
    if (behaviour.busy > 0) {
      behaviour.busy--;
      response.setHeader('retry-after', '1');
      return refuse(response, 429, 'QUEUE_FULL', 'The queue is full.');
    }
    if (image.toString('latin1').startsWith('no image')) {
      const message = 'This is not an image of a known format (it begins with 6e6f). <b>Convert</b> it.';
      return refuse(response, 415, 'IMAGE_FORMAT_UNSUPPORTED', message);
    }
    const tensors = new Map(names.flatMap((name) => [[name, madeFeature(image, name)] as const]));
    const layout = layoutSafetensors(
      [...tensors].map(([name, tensor]) => ({ name, type: 'F32', shape: tensor?.dims ?? [] })),
      { synthetic: String(behaviour.synthetic) },
    );
    response.setHeader('content-type', 'application/vnd.safetensors');
    response.setHeader('server-timing', 'queue;dur=2.5, device;dur=1234.4');
    response.write(layout.header);
    for (const { name } of layout.tensors) {
      const data = tensors.get(name)?.data;
      if (data !== undefined) response.write(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
    }
    response.end();
  }

  const server = createServer((request, response) => {
    answer(request, response).catch((error: unknown) => response.destroy(error as Error));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    address: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    behaviour,
    requests,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function information({ synthetic, key, served }: Behaviour) {
  const { layers, heads, width, patchSize, side } = madeModel;
  return {
    model: { id: 'facebook/webssl-mae700m-full2b-224', synthetic, layers, heads, width, patchSize },
    image: {
      size: { height: side, width: side },
      processor: {
        type: 'BitImageProcessor',
        resize: { size: { shortestEdge: side }, filter: 'bicubic' },
        centerCrop: { height: side, width: side },
      },
      exif: 'ignore',
    },
    features: { default: 'cls', normalize: false, ...(served === undefined ? {} : { served }) },
    devices: [
      {
        backend: 'acl-native',
        precision: 'fp16',
        name: 'Ascend 910B4',
        library: 'CANN 8.5.1',
        state: 'lost',
      },
    ],
    queue: { waiting: 3, running: 1, imagesPerSecond: 61.25 },
    limits: [],
    authentication: key !== undefined,
  };
}

async function sendFile(response: ServerResponse, path: string): Promise<void> {
  const content = await readFile(path).catch(() => undefined);
  if (content === undefined) return refuse(response, 404, 'NOT_FOUND', 'There is nothing here.');
  response.setHeader('content-type', types[path.split('.').at(-1) ?? ''] ?? 'application/octet-stream');
  response.end(content);
}

function refuse(response: ServerResponse, status: number, code: string, message: string): void {
  sendJson(response, status, { error: { message, type: 'invalid_request_error', code, param: null } });
}

function sendJson(response: ServerResponse, status: number, body: unknown): void {
  response.statusCode = status;
  response.setHeader('content-type', 'application/json');
  response.end(JSON.stringify(body));
}
