import type { Random } from './random.js';

/** Bytes that are not HTTP, or such HTTP that proxies and servers read it differently. */
export function brokenHttp(random: Random): { readonly bytes: Buffer; readonly description: string } {
  const host = 'host: 127.0.0.1\r\n';
  const post = `POST /v1/features HTTP/1.1\r\n${host}content-type: application/json\r\n`;
  const text = random.pick<() => string>([
    () => 'GET\r\n\r\n',
    () => 'GET / HTTP/9.9\r\n\r\n',
    () => `GET / HTTP/1.1\n${'host: a\n'}\n`,
    () => `GET  /  HTTP/1.1\r\n${host}\r\n`,
    () => `G\0T / HTTP/1.1\r\n${host}\r\n`,
    () => `GET /\0 HTTP/1.1\r\n${host}\r\n`,
    () => `GET /\r HTTP/1.1\r\n${host}\r\n`,
    () => 'GET /info HTTP/1.1\r\n\r\n',
    () => `GET /info HTTP/1.1\r\n${host}${host}\r\n`,
    () => 'GET /info HTTP/1.1\r\nhost: a b/c?d\r\n\r\n',
    () => `GET /info HTTP/1.1\r\nhost : 127.0.0.1\r\n\r\n`,
    () => `GET /info HTTP/1.1\r\n${host}x: a\r\n b\r\n\r\n`,
    () => `GET /info HTTP/1.1\r\n${host}x: a\0b\r\n\r\n`,
    () => `GET /info HTTP/1.1\r\n${host}: nameless\r\n\r\n`,
    () => `GET /info HTTP/1.1\r\n${host}x-\u00e9: 1\r\n\r\n`,
    () => `GET /info HTTP/1.1\r\n${host}${'x: y\r\n'.repeat(5000)}\r\n`,
    () => `GET /info HTTP/1.1\r\n${host}x: ${'y'.repeat(50_000)}\r\n\r\n`,
    () => `GET /${'a'.repeat(50_000)} HTTP/1.1\r\n${host}\r\n`,
    () => `${'A'.repeat(1000)} / HTTP/1.1\r\n${host}\r\n`,
    () => 'CONNECT 127.0.0.1:22 HTTP/1.1\r\nhost: 127.0.0.1:22\r\n\r\n',
    () => 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n',
    () => `${post}content-length: 2\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n`,
    () => `${post}content-length: 2\r\ncontent-length: 3\r\n\r\n{} `,
    () => `${post}content-length: 2, 2\r\n\r\n{}`,
    () => `${post}content-length: -1\r\n\r\n{}`,
    () => `${post}content-length: +2\r\n\r\n{}`,
    () => `${post}content-length: 0x2\r\n\r\n{}`,
    () => `${post}content-length: 99999999999999999999\r\n\r\n{}`,
    () => `${post}content-length: 9007199254740993\r\n\r\n{}`,
    () => `${post}transfer-encoding: xchunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n`,
    () => `${post}transfer-encoding: chunked, identity\r\n\r\n2\r\n{}\r\n0\r\n\r\n`,
    () => `${post}transfer-encoding: gzip, chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n`,
    () => `${post}transfer-encoding: chunked\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n`,
    () => `${post}transfer-encoding: chunked\r\n\r\nzz\r\n{}\r\n0\r\n\r\n`,
    () => `${post}transfer-encoding: chunked\r\n\r\n-2\r\n{}\r\n0\r\n\r\n`,
    () => `${post}transfer-encoding: chunked\r\n\r\nffffffffffffffffff\r\n{}\r\n`,
    () => `${post}transfer-encoding: chunked\r\n\r\n2;${'e'.repeat(30_000)}\r\n{}\r\n0\r\n\r\n`,
    () => `${post}transfer-encoding: chunked\r\n\r\n2\r\n{}XX0\r\n\r\n`,
    () => `${post}transfer-encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\ncontent-length: 5\r\n\r\n`,
    () => '\r\n\r\n\r\n\r\n',
    () => '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03',
    () => 'SSH-2.0-OpenSSH_9.6\r\n',
    () => '{"jsonrpc":"2.0"}\n',
    () => random.bytes(1 + random.below(2000)).toString('latin1'),
  ])();
  return { bytes: Buffer.from(text, 'latin1'), description: JSON.stringify(text.slice(0, 300)) };
}
