import type { LookupAddress } from 'node:dns';
import { lookup } from 'node:dns/promises';
import { BlockList, isIP } from 'node:net';

/** All addresses of a name. */
export type ResolveName = (hostname: string) => Promise<readonly LookupAddress[]>;

/**
 * Ranges that are not of the public internet (IANA's special-purpose registries). 198.18.0.0/15 is left out on purpose:
 * VPN clients answer DNS with it for public hosts, and nothing private lives there.
 */
const privateRanges4 = [
  ['0.0.0.0', 8], // this network
  ['10.0.0.0', 8], // private
  ['100.64.0.0', 10], // carrier-grade NAT
  ['127.0.0.0', 8], // loopback
  ['169.254.0.0', 16], // link-local, cloud metadata services
  ['172.16.0.0', 12], // private
  ['192.0.0.0', 24], // protocol assignments
  ['192.0.2.0', 24], // documentation
  ['192.168.0.0', 16], // private
  ['198.51.100.0', 24], // documentation
  ['203.0.113.0', 24], // documentation
  ['224.0.0.0', 4], // multicast
  ['240.0.0.0', 4], // reserved, broadcast
] as const;

const privateRanges6 = [
  ['::', 96], // unspecified, loopback, IPv4-compatible
  ['64:ff9b:1::', 48], // local NAT64
  ['100::', 64], // discard
  ['2001::', 23], // protocol assignments, Teredo
  ['2001:db8::', 32], // documentation
  ['2002::', 16], // 6to4
  ['fc00::', 7], // unique local
  ['fe80::', 10], // link-local
  ['fec0::', 10], // site-local
  ['ff00::', 8], // multicast
] as const;

/** IPv6 prefixes of 96 bits that an IPv4 address follows: IPv4-mapped, NAT64. */
const embeddings = ['::ffff:', '64:ff9b::'];

const privateAddresses = new BlockList();
for (const [network, prefix] of privateRanges4) {
  privateAddresses.addSubnet(network, prefix, 'ipv4');
  for (const embedding of embeddings) {
    privateAddresses.addSubnet(embedding + network, 96 + prefix, 'ipv6');
  }
}
for (const [network, prefix] of privateRanges6) privateAddresses.addSubnet(network, prefix, 'ipv6');

/** Whether an IP address is not of the public internet: loopback, private, link-local, multicast and so on. */
export function isPrivateAddress(address: string): boolean {
  // The zone of a link-local address, as in `fe80::1%eth0`, is no part of it.
  const bare = address.replace(/%.*$/, '');
  return privateAddresses.check(bare, isIP(bare) === 6 ? 'ipv6' : 'ipv4');
}

/** Whether a host as a URL names it is private by its text alone: a private address, or `localhost`. */
export function isPrivateHost(hostname: string): boolean {
  const host = hostname.replace(/^\[|\]$|\.$/g, '').toLowerCase();
  if (isIP(host) !== 0) return isPrivateAddress(host);
  return host === 'localhost' || host.endsWith('.localhost');
}

/** As the system resolves names, in its order. */
export function resolveAll(hostname: string): Promise<readonly LookupAddress[]> {
  return lookup(hostname, { all: true });
}

/** Whether an endpoint is private: by its text, or because its name stands for a private address. */
export async function isPrivateEndpoint(
  endpoint: string,
  resolveName: ResolveName = resolveAll,
): Promise<boolean> {
  const { hostname } = new URL(endpoint);
  if (isPrivateHost(hostname)) return true;
  if (isIP(hostname.replace(/^\[|\]$/g, '')) !== 0) return false;
  try {
    const addresses = await resolveName(hostname);
    return addresses.some(({ address }) => isPrivateAddress(address));
  } catch {
    // A name that this machine cannot resolve is reached through a proxy.
    return false;
  }
}
