import type { LookupFunction } from 'node:net';
import type { WebsslError } from '@webssl/backend';
import { hubError } from './hub-error.js';
import {
  isPrivateAddress,
  isPrivateEndpoint,
  isPrivateHost,
  type ResolveName,
  resolveAll,
} from './private-address.js';

/**
 * Decides where a hub may send this client. A redirect must lead to https (http where the endpoint itself is http), carry
 * no credentials and not lead to a private address, unless the endpoint is private as well: else a hub, or who
 * speaks in its name, could have this machine ask services of its own network.
 */
export interface RedirectGuard {
  /** @throws WebsslError `HUB_REDIRECT_REFUSED` */
  check(target: URL): Promise<void>;
  /**
   * Resolves names for connections and refuses private addresses of hosts other than the endpoint's, so that the address
   * checked is the address connected to. Through a proxy, which resolves names itself, only `check` applies.
   */
  readonly lookup: LookupFunction;
}

export function redirectGuard(endpoint: string, resolveName: ResolveName = resolveAll): RedirectGuard {
  const home = new URL(endpoint);
  let privateEndpoint: Promise<boolean> | undefined;
  const endpointIsPrivate = (): Promise<boolean> => {
    privateEndpoint ??= isPrivateEndpoint(endpoint, resolveName);
    return privateEndpoint;
  };

  async function resolveChecked(hostname: string): ReturnType<ResolveName> {
    const addresses = await resolveName(hostname);
    const isPrivate = addresses.some(({ address }) => isPrivateAddress(address));
    if (isPrivate && hostname !== home.hostname && !(await endpointIsPrivate())) {
      throw refusal(hostname, 'its name stands for an address of a private network');
    }
    return addresses;
  }

  return {
    async check(target) {
      const place = `${target.protocol}//${target.host}`;
      if (target.protocol !== 'https:' && !(target.protocol === 'http:' && home.protocol === 'http:')) {
        throw refusal(
          place,
          `only ${home.protocol === 'http:' ? 'http and https are' : 'https is'} followed`,
        );
      }
      if (target.username !== '' || target.password !== '') {
        throw refusal(place, 'the address holds a user name or a password');
      }
      if (isPrivateHost(target.hostname) && !(await endpointIsPrivate())) {
        throw refusal(place, 'it is an address of a private network');
      }
    },
    lookup(hostname, { all }, callback) {
      resolveChecked(hostname).then(
        (addresses) => {
          const [first] = addresses;
          if (all || first === undefined) callback(null, [...addresses]);
          else callback(null, first.address, first.family);
        },
        (error: NodeJS.ErrnoException) => callback(error, ''),
      );
    },
  };

  function refusal(place: string, reason: string): WebsslError {
    return hubError(
      'HUB_REDIRECT_REFUSED',
      `${endpoint} leads to ${place}, which is not followed: ${reason}. If this is a hub of your own network, name it by its own address as the endpoint.`,
      { details: { endpoint, place } },
    );
  }
}
