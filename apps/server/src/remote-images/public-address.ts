import { BlockList, isIP } from 'node:net';
import { isPrivateAddress } from '@webssl/registry';

/** IPv6 prefixes of 96 bits that an IPv4 address follows: IPv4-mapped, NAT64. That address decides. */
const embeddings = ['::ffff:', '64:ff9b::'];

/** What the hub client lets pass, as VPN clients answer DNS with the first of them; pictures are at none of them. */
const refusedRanges4 = [
  ['198.18.0.0', 15], // benchmarks of networks
  ['192.88.99.0', 24], // relays of 6to4
] as const;

const refused = new BlockList();
refused.addSubnet('3fff::', 20, 'ipv6'); // documentation
const reachable6 = new BlockList();
reachable6.addSubnet('2000::', 3, 'ipv6'); // all that is given out of IPv6
for (const [network, prefix] of refusedRanges4) {
  refused.addSubnet(network, prefix, 'ipv4');
  for (const embedding of embeddings) refused.addSubnet(embedding + network, 96 + prefix, 'ipv6');
}
for (const embedding of embeddings) reachable6.addSubnet(`${embedding}0.0.0.0`, 96, 'ipv6');

/**
 * Whether a text is an IP address of the public internet. Addresses that hold an IPv4 address are judged by it where the
 * network translates them (mapped, NAT64) and are not public where they are tunnels (6to4, Teredo) or outdated.
 */
export function isPublicAddress(address: string): boolean {
  const family = isIP(address);
  // Zones are for addresses that only mean something on one link.
  if (family === 0 || address.includes('%') || isPrivateAddress(address)) return false;
  if (family === 4) return !refused.check(address, 'ipv4');
  return reachable6.check(address, 'ipv6') && !refused.check(address, 'ipv6');
}
