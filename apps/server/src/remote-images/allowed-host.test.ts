import { describe, expect, it } from 'vitest';
import { parseAllowedHost } from './allowed-host.js';

describe('an allowed host', () => {
  it.each([
    ['images.example.org', 'images.example.org'],
    ['  Images.EXAMPLE.org. ', 'images.example.org'],
    ['images.example.org:8443', 'images.example.org:8443'],
    ['images.example.org:443', 'images.example.org:443'],
    ['*.Example.org', '*.example.org'],
    ['*.example.org:8080', '*.example.org:8080'],
    ['bücher.example', 'xn--bcher-kva.example'],
    ['*.xn--bcher-kva.example', '*.xn--bcher-kva.example'],
    ['8.8.8.8', '8.8.8.8'],
    ['[2606:4700:4700:0::1111]:8443', '[2606:4700:4700::1111]:8443'],
    ['under_score.example.org', 'under_score.example.org'],
    ['intranet', 'intranet'],
  ])('%s is written %s', (text, written) => {
    expect(parseAllowedHost(text)).toBe(written);
    expect(parseAllowedHost(written)).toBe(written);
  });

  it.each([
    ['', 'no host name'],
    ['*', 'no host name'],
    ['*.', 'no host name'],
    ['*.org', 'top-level domain'],
    ['*.*.example.org', 'no host name'],
    ['images.*.org', 'no host name'],
    ['*images.example.org', 'no host name'],
    ['.example.org', 'no host name'],
    ['images..example.org', 'no host name'],
    ['https://images.example.org', 'no host name'],
    ['images.example.org/path', 'no host name'],
    ['user@images.example.org', 'no host name'],
    ['images.example.org:', 'no host name'],
    ['images.example.org:port', 'no host name'],
    ['images.example.org:0', 'ports are'],
    ['images.example.org:65536', 'ports are'],
    ['2606:4700:4700::1111', 'no host name'],
    ['*.8.8.8.8', 'below an address'],
    ['*.[2606:4700::1]', 'below an address'],
    ['localhost', 'public internet'],
    ['a.localhost', 'public internet'],
    ['*.sub.localhost', 'public internet'],
    ['127.0.0.1', 'public internet'],
    ['0x7f.1', 'public internet'],
    ['10.0.0.1:8080', 'public internet'],
    ['198.18.0.1', 'public internet'],
    ['[::1]', 'public internet'],
    ['[::ffff:10.0.0.1]', 'public internet'],
    [`${'a'.repeat(64)}.example.org`, 'no host name'],
    [`${'a.'.repeat(130)}org`, 'no host name'],
  ])('%s is refused: %s', (text, problem) => {
    expect(() => parseAllowedHost(text)).toThrow(
      expect.objectContaining({
        code: 'IMAGE_URL_OPTION_INVALID',
        message: expect.stringContaining(problem),
        details: { host: text },
      }),
    );
  });
});
