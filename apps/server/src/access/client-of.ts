import { isIPv4, isIPv6 } from 'node:net';
import type { ApiKey } from './api-key.js';

/**
 * Who a request counts for in turns and rates: `key:<name>`, else `address:<ip>`. An IPv6 address counts for its /64, as who
 * has one address has the others too; an IPv4 address counts the same in either of its notations.
 */
export function clientOf({
  key,
  remoteAddress,
}: {
  readonly key?: ApiKey | undefined;
  /** As the socket gives it; an empty text, as for a socket without addresses, is one client too. */
  readonly remoteAddress: string;
}): string {
  return key === undefined ? `address:${groupOf(remoteAddress)}` : `key:${key.name}`;
}

function groupOf(address: string): string {
  if (isIPv4(address)) return address;
  if (!isIPv6(address)) return 'unknown';
  const groups = groupsOf(address);
  const [high = 0, low = 0] = groups.slice(6);
  const isMapped = groups.slice(0, 5).every((group) => group === 0) && groups[5] === 0xffff;
  if (isMapped) return [high >> 8, high & 0xff, low >> 8, low & 0xff].join('.');
  const network = groups.slice(0, 4).map((group) => group.toString(16));
  return `${network.join(':')}::/64`;
}

/** The eight groups of a valid IPv6 address. */
function groupsOf(address: string): number[] {
  const [withoutZone = ''] = address.split('%');
  const hexadecimal = withoutZone.replace(/\d+\.\d+\.\d+\.\d+$/, (tail) => {
    const [a = 0, b = 0, c = 0, d = 0] = tail.split('.').map(Number);
    return `${(a * 256 + b).toString(16)}:${(c * 256 + d).toString(16)}`;
  });
  const [before = [], after = []] = hexadecimal
    .split('::')
    .map((part) => (part === '' ? [] : part.split(':').map((group) => Number.parseInt(group, 16))));
  return [...before, ...Array<number>(8 - before.length - after.length).fill(0), ...after];
}
