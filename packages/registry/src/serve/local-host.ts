import { BlockList, isIPv4, isIPv6 } from 'node:net';
import { RequestRefusal } from './request-refusal.js';

const loopback = new BlockList();
loopback.addSubnet('127.0.0.0', 8, 'ipv4');
loopback.addAddress('::1', 'ipv6');

/** Whether only this machine can reach an address. */
export function isLoopback(address: string): boolean {
  return isIPv4(address) ? loopback.check(address) : isIPv6(address) && loopback.check(address, 'ipv6');
}

/**
 * Lets requests pass whose `Host` names this machine. A web page whose name leads to 127.0.0.1 for a while (DNS rebinding)
 * could otherwise read, in the browser of somebody on this machine, what only this machine is to have.
 *
 * @param host the name or address that is listened on, which counts too: nobody else decides where that leads
 * @throws RequestRefusal 403
 */
export function requireLocalHost(given: string | undefined, host: string): void {
  const [, bracketed, plain = ''] = /^(?:\[([^\]]*)\]|([^:]*))(?::\d*)?$/.exec(given ?? '') ?? [];
  const name = (bracketed ?? plain).toLowerCase();
  if (isLoopback(name) || name === 'localhost' || name.endsWith('.localhost')) return;
  if (name === host.toLowerCase()) return;
  throw new RequestRefusal(
    403,
    'This endpoint answers only to names of its own machine, such as localhost: to be reached by another, it has to be started with --token-file or another --host',
  );
}
