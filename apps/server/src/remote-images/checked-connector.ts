import type { LookupAddress } from 'node:dns';
import { lookup } from 'node:dns/promises';
import { isIP, type Socket } from 'node:net';
import type { ConnectionOptions } from 'node:tls';
import { buildConnector } from 'undici';
import { isPublicAddress } from './public-address.js';
import { Failure, Refusal } from './remote-image-error.js';

/** All addresses of a name. */
export type ResolveName = (hostname: string) => Promise<readonly LookupAddress[]>;

/** Opens a connection. `hostname` is an address; `servername` is the name that TLS asks for and checks. */
export type Connect = buildConnector.connector;

/** Addresses of one host that are tried, one after another: a machine may have no IPv6, and a host one dead address. */
export const mostAddresses = 3;

/** As the system resolves names, in its order. */
export function resolveAll(hostname: string): Promise<readonly LookupAddress[]> {
  return lookup(hostname, { all: true });
}

/**
 * Opens connections directly, whatever proxies and TLS switches the environment names: the first would resolve names again,
 * the second would let everybody answer for a host of the list.
 */
export function directConnect(timeoutMilliseconds: number, tls: Pick<ConnectionOptions, 'ca'> = {}): Connect {
  return buildConnector({
    ...tls,
    timeout: timeoutMilliseconds,
    rejectUnauthorized: true,
    allowH2: false,
    maxCachedSessions: 0,
  });
}

/**
 * Resolves the name of a host once for every connection, refuses it unless all its addresses are public, and connects to one of the
 * addresses that were checked: a name that changes its mind meanwhile is not asked again.
 */
export function checkedConnector(resolveName: ResolveName, connect: Connect): Connect {
  async function connectChecked(options: buildConnector.Options): Promise<Socket> {
    const { hostname } = options;
    const isName = isIP(hostname) === 0;
    const addresses = isName ? await addressesOf(hostname, resolveName) : [hostname];
    if (!addresses.every(isPublicAddress)) throw new Refusal('address');
    let problem: unknown;
    for (const address of addresses.slice(0, mostAddresses)) {
      try {
        return await open(connect, {
          ...options,
          hostname: address,
          ...(isName ? { servername: hostname } : {}),
        });
      } catch (error) {
        problem = error;
      }
    }
    throw problem;
  }

  return (options, callback) => {
    connectChecked(options).then(
      (socket) => callback(null, socket),
      (error: Error) => callback(error, null),
    );
  };
}

async function addressesOf(hostname: string, resolveName: ResolveName): Promise<string[]> {
  const unknown = () => new Failure('name', 'its host name cannot be resolved');
  const answers = await resolveName(hostname).catch(() => {
    throw unknown();
  });
  if (answers.length === 0) throw unknown();
  return answers.map(({ address }) => address);
}

function open(connect: Connect, options: buildConnector.Options): Promise<Socket> {
  return new Promise((resolve, reject) => {
    connect(options, (...[error, socket]) => {
      if (error === null) resolve(socket);
      else reject(error);
    });
  });
}
