import { describe, expect, it } from 'vitest';
import { isPrivateAddress, isPrivateEndpoint, isPrivateHost } from './private-address.js';

describe('private addresses', () => {
  it.each([
    '0.0.0.0',
    '10.1.2.3',
    '100.64.0.1',
    '100.127.255.255',
    '127.0.0.1',
    '127.255.255.254',
    '169.254.169.254',
    '172.16.0.1',
    '172.31.255.255',
    '192.168.1.1',
    '192.0.2.1',
    '224.0.0.1',
    '239.255.255.255',
    '255.255.255.255',
    '::',
    '::1',
    '::127.0.0.1',
    '::ffff:127.0.0.1',
    '::ffff:7f00:1',
    '::ffff:10.0.0.1',
    '64:ff9b::127.0.0.1',
    '64:ff9b::a00:1',
    '2002:7f00:1::',
    'fe80::1',
    'fe80::1%eth0',
    'fc00::1',
    'fd12:3456:789a::1',
    'ff02::1',
    '2001:db8::1',
  ])('has %s among them', (address) => {
    expect(isPrivateAddress(address)).toBe(true);
  });

  it.each([
    '1.1.1.1',
    '8.8.8.8',
    '100.63.255.255',
    '100.128.0.1',
    '172.15.255.255',
    '172.32.0.1',
    '192.167.255.255',
    '198.18.0.5',
    '223.255.255.255',
    '2606:4700:4700::1111',
    '2a00:1450::1',
    '::ffff:8.8.8.8',
    '64:ff9b::8.8.8.8',
  ])('has not %s', (address) => {
    expect(isPrivateAddress(address)).toBe(false);
  });

  it('knows hosts as a URL writes them', () => {
    const hosts = [
      'http://127.1/',
      'http://2130706433/',
      'http://0x7f.1/',
      'http://[::1]/',
      'http://LOCALHOST./',
      'http://a.localhost/',
    ];
    for (const url of hosts) expect(isPrivateHost(new URL(url).hostname), url).toBe(true);
    for (const host of [
      'huggingface.co',
      'localhost.example',
      '8.8.8.8',
      '[2606:4700::1]',
      '127.0.0.1.example',
    ]) {
      expect(isPrivateHost(host), host).toBe(false);
    }
  });

  it('are what makes an endpoint private, also behind a name', async () => {
    const names: Readonly<Record<string, string>> = {
      'inner.example': '10.0.0.7',
      'outer.example': '93.184.216.34',
    };
    const resolve = async (name: string) => {
      const address = names[name];
      if (address === undefined) throw new Error('no such name');
      return [{ address, family: 4 }];
    };
    const isPrivate = (endpoint: string) => isPrivateEndpoint(endpoint, resolve);
    expect(await isPrivate('http://127.0.0.1:8080')).toBe(true);
    expect(await isPrivate('https://[fd00::1]/hub')).toBe(true);
    expect(await isPrivate('https://inner.example')).toBe(true);
    expect(await isPrivate('https://outer.example')).toBe(false);
    expect(await isPrivate('https://8.8.8.8')).toBe(false);
    expect(await isPrivate('https://unknown.example')).toBe(false);
  });
});
