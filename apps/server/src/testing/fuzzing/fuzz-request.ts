import type { Operation, Schema } from './api-document.js';
import { formBody } from './form-body.js';
import { oddText } from './odd-values.js';
import type { Random } from './random.js';
import { type Fidelity, jsonFor } from './schema-values.js';

/** A request that is HTTP, whatever it asks for. */
export interface FuzzRequest {
  readonly bytes: Buffer;
  readonly isHead: boolean;
  /** What it is, for the message of a failure. */
  readonly description: string;
}

export interface FuzzMaterial {
  readonly operations: readonly Operation[];
  /** Images that decode; also given cut, changed and with rubbish around. */
  readonly images: readonly Uint8Array[];
  readonly features: readonly string[];
  readonly modelName: string;
}

const accepts = [
  '*/*',
  'application/json',
  'application/x-ndjson',
  'application/x-npy',
  'application/vnd.safetensors',
  'application/json;q=0.1, application/x-npy;q=0.9',
] as const;
const oddAccepts = [
  '',
  ',',
  ';q=',
  'text/html',
  '*',
  'a/b;q=NaN',
  'application/json;q=-1',
  `${'a/b,'.repeat(1000)}`,
] as const;
const oddTypes = [
  '',
  'text/plain',
  'application/x-www-form-urlencoded',
  'application/xml',
  'image/',
  'image/x; y=z',
  'application/json; charset=utf-16',
  'application/json, image/png',
  'multipart/form-data',
  'application/jsonx',
  '/',
  '\u00ff',
] as const;

/** Makes a request of one of the operations of the document: as it says, nearly so, or broken. */
export function fuzzRequest(material: FuzzMaterial, random: Random): FuzzRequest {
  const operation = random.pick(
    material.operations.flatMap((one) => (one.bodies.size > 0 ? [one, one, one] : [one])),
  );
  const fidelity = random.pick(['valid', 'nearly valid', 'nearly valid', 'broken', 'broken'] as const);
  const isLoose = fidelity !== 'valid';
  const method =
    isLoose && random.chance(0.1)
      ? random.pick(['GET', 'HEAD', 'OPTIONS', 'PUT', 'DELETE', 'PATCH', 'TRACE', 'PROPFIND'])
      : operation.method;
  const { contentType, body } = bodyOf(operation, fidelity, material, random);
  const target = targetOf(operation, fidelity, material, random);
  const headers: [string, string][] = [
    ['host', '127.0.0.1'],
    ['connection', 'close'],
  ];
  const isBodiless = method === 'GET' || method === 'HEAD';
  if (!isBodiless || random.chance(0.1)) {
    if (contentType !== undefined) headers.push(['content-type', contentType]);
    if (isLoose && random.chance(0.1)) headers.push(['transfer-encoding', 'chunked']);
    else headers.push(['content-length', String(body.length)]);
  }
  headers.push(['accept', isLoose && random.chance(0.2) ? random.pick(oddAccepts) : random.pick(accepts)]);
  if (isLoose && random.chance(0.3)) headers.push(...oddHeaders(random));
  const isSent = headers.some(([name]) => name === 'content-length' || name === 'transfer-encoding');
  const isChunked = headers.some(([name, value]) => name === 'transfer-encoding' && value === 'chunked');
  const head = `${method} ${target} HTTP/1.1\r\n${headers.map(([name, value]) => `${name}: ${value}\r\n`).join('')}\r\n`;
  return {
    bytes: Buffer.concat([
      Buffer.from(head, 'latin1'),
      isSent ? (isChunked ? chunked(body, random) : body) : Buffer.alloc(0),
    ]),
    isHead: method === 'HEAD',
    description: `${fidelity}: ${head.slice(0, 600)}${body.toString('latin1', 0, 300)}`,
  };
}

function targetOf(
  { path, parameters }: Operation,
  fidelity: Fidelity,
  { features }: FuzzMaterial,
  random: Random,
): string {
  if (fidelity === 'broken' && random.chance(0.1)) {
    return random.pick([
      '/',
      '*',
      '//',
      `${path}/`,
      `/${path}`,
      `${path}%00`,
      '/%',
      '/%zz',
      '/%ff',
      `${path}?`,
      `/${'a'.repeat(4000)}`,
      path.toUpperCase(),
      `/.${path}`,
      'http://other.example/info',
    ]);
  }
  const pairs: string[] = [];
  for (const { name, in: place, schema = {} } of parameters) {
    if (place !== 'query' || random.chance(0.5)) continue;
    const isGood = fidelity === 'valid' || random.chance(0.6);
    const good = name === 'features' ? random.pick(features) : String(random.pick(schema.enum ?? ['true']));
    const value = isGood ? good : safeEncode(oddText(random, 2000));
    pairs.push(`${name}=${value}`);
    if (fidelity !== 'valid' && random.chance(0.1)) pairs.push(`${name}=${value}`);
  }
  if (fidelity !== 'valid' && random.chance(0.1)) {
    pairs.push(
      random.pick([
        '__proto__=1',
        '__proto__[a]=1',
        'x',
        '=',
        '&&',
        'a=%',
        'constructor.prototype=1',
        'normalize',
        'features[]=cls',
      ]),
    );
  }
  return pairs.length === 0 ? path : `${path}?${pairs.join('&')}`;
}

function bodyOf(
  { bodies }: Operation,
  fidelity: Fidelity,
  material: FuzzMaterial,
  random: Random,
): { readonly contentType?: string; readonly body: Buffer } {
  if (bodies.size === 0) return { body: random.chance(0.1) ? random.bytes(20) : Buffer.alloc(0) };
  const [type, schema] = random.pick([...bodies]);
  const { contentType, body } = bodyOfType(type, schema, fidelity, material, random);
  const isLied = fidelity !== 'valid' && random.chance(0.1);
  return { contentType: isLied ? random.pick(oddTypes) : contentType, body };
}

function bodyOfType(
  type: string,
  schema: Schema,
  fidelity: Fidelity,
  material: FuzzMaterial,
  random: Random,
): { readonly contentType: string; readonly body: Buffer } {
  const { features, modelName } = material;
  const image = () => imageFor(fidelity, material, random);
  if (type === 'application/json') {
    const text = jsonFor(schema, fidelity, random, (name) => {
      if (name === 'features') return random.pick(features);
      if (name === 'model') return modelName;
      const base64 = Buffer.from(image()).toString('base64');
      return random.chance(0.5) ? base64 : `data:image/png;base64,${base64}`;
    });
    return { contentType: type, body: Buffer.from(text, random.chance(0.9) ? 'utf8' : 'latin1') };
  }
  if (type === 'multipart/form-data') {
    const images = Array.from({ length: 1 + random.below(2) }, image);
    const fields = new Map([['features', random.pick(features)]]);
    const { contentType, bytes } = formBody(images, fields, fidelity, random);
    return { contentType, body: bytes };
  }
  return { contentType: type.replace('*', 'png'), body: Buffer.from(image()) };
}

/** An image; where it need not be valid, perhaps one that is cut off or changed. */
function imageFor(fidelity: Fidelity, { images }: FuzzMaterial, random: Random): Uint8Array {
  const image = random.pick(images);
  if (fidelity === 'valid' || random.chance(0.3)) return image;
  const copy = Buffer.from(image);
  switch (random.below(4)) {
    case 0:
      return copy.subarray(0, random.below(copy.length));
    case 1:
      for (let changes = 1 + random.below(20); changes > 0; changes--)
        copy[random.below(copy.length)] = random.below(256);
      return copy;
    case 2:
      return Buffer.concat([random.bytes(random.below(20)), copy]);
    default:
      return random.bytes(random.below(500));
  }
}

function oddHeaders(random: Random): readonly [string, string][] {
  return random.pick<readonly [string, string][]>([
    [['request-timeout', random.pick(['0', '-1', 'NaN', '1e9', '', '999999999', '0.000000001', '5, 5'])]],
    [['authorization', random.pick(['Bearer', 'Basic x', 'Bearer a b', `Bearer ${'k'.repeat(5000)}`])]],
    [
      ['x-api-key', 'one'],
      ['x-api-key', 'two'],
    ],
    [['x-request-id', oddText(random, 200).replaceAll(/[^\t -~\u0080-\u00ff]/g, '?')]],
    [['content-encoding', random.pick(['gzip', 'br', 'identity', 'x'])]],
    [['expect', random.pick(['100-continue', 'something'])]],
    [
      ['upgrade', 'websocket'],
      ['connection', 'upgrade'],
    ],
    [
      ['x-forwarded-for', '1.2.3.4'],
      ['x-forwarded-proto', 'https'],
      ['x-forwarded-host', 'evil.example'],
    ],
    [['origin', random.pick(['null', 'http://evil.example', ''])]],
    [
      ['accept-encoding', 'gzip'],
      ['range', 'bytes=0-0'],
      ['if-none-match', '*'],
    ],
    [['x-long', 'h'.repeat(8000)]],
    [
      ['accept-version', '99'],
      ['x-http-method-override', 'DELETE'],
    ],
    [['cookie', oddText(random, 300).replaceAll(/[^\t -~]/g, '?')]],
  ]);
}

function chunked(body: Buffer, random: Random): Buffer {
  const pieces: Buffer[] = [];
  for (let at = 0; at < body.length; ) {
    const piece = body.subarray(at, at + 1 + random.below(20_000));
    pieces.push(Buffer.from(`${piece.length.toString(16)}\r\n`), piece, Buffer.from('\r\n'));
    at += piece.length;
  }
  return Buffer.concat([...pieces, Buffer.from('0\r\n\r\n')]);
}

function safeEncode(text: string): string {
  return [...Buffer.from(text, 'utf8')].map((byte) => `%${byte.toString(16).padStart(2, '0')}`).join('');
}
