import { describe, expect, it } from 'vitest';
import { isPublicAddress } from './public-address.js';

describe('an address', () => {
  it.each([
    '1.1.1.1',
    '8.8.8.8',
    '93.184.216.34',
    '172.15.255.255',
    '172.32.0.1',
    '198.17.255.255',
    '198.20.0.1',
    '223.255.255.255',
    '2606:4700:4700::1111',
    '2a00:1450::1',
    '::ffff:8.8.8.8',
    '64:ff9b::8.8.8.8',
  ])('%s is public', (address) => {
    expect(isPublicAddress(address)).toBe(true);
  });

  it.each([
    ['198.18.0.1', 'benchmarks'],
    ['198.19.255.255', 'benchmarks'],
    ['::ffff:198.18.0.1', 'benchmarks, mapped'],
    ['64:ff9b::c612:1', 'benchmarks, translated'],
    ['192.88.99.1', 'relays'],
    ['3fff:0:1::1', 'documentation'],
    ['4000::1', 'given to nobody'],
    ['5f00::1', 'segment routing'],
    ['1::1', 'given to nobody'],
    ['2606:4700::1111%eth0', 'with a zone'],
    ['8.8.8.8%eth0', 'no address'],
    ['8.8.8', 'no address'],
    ['', 'no address'],
    ['images.example.org', 'a name'],
  ])('%s is not: %s', (address) => {
    expect(isPublicAddress(address)).toBe(false);
  });
});
