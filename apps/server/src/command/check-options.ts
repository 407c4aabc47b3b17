import { BlockList, isIP } from 'node:net';
import { WebsslError } from '@webssl/backend';
import type { ServeOptions } from './serve-options.js';

/**
 * Checks what the command line cannot check word by word.
 *
 * @throws WebsslError `SERVER_OPTION_INVALID`
 */
export function checkOptions({
  corsOrigin,
  trustProxy,
  feature,
  onlyFeatures,
  allowUrlHost,
  allowHttpUrls,
}: Pick<
  ServeOptions,
  'corsOrigin' | 'trustProxy' | 'feature' | 'onlyFeatures' | 'allowUrlHost' | 'allowHttpUrls'
>): void {
  if (allowHttpUrls && allowUrlHost.length === 0) {
    throw optionInvalid('--allow-http-urls fetches nothing without --allow-url-host, which names the hosts.');
  }
  for (const origin of corsOrigin) checkOrigin(origin);
  for (const address of trustProxy) checkNetwork(address);
  if (onlyFeatures !== undefined && !onlyFeatures.includes(feature)) {
    throw optionInvalid(
      `--only-features leaves out ${feature}, which is what /v1/embeddings gives. Add it, or choose another --feature.`,
    );
  }
}

/** An origin that is written otherwise than browsers write it would never be the same. */
function checkOrigin(text: string): void {
  if (text === '*' || (URL.canParse(text) && new URL(text).origin === text)) return;
  throw optionInvalid(
    `--cors-origin ${text} is no origin: scheme, host and port as in https://example.org, without a path, or * for all.`,
  );
}

const namedNetworks = ['loopback', 'linklocal', 'uniquelocal'];

function checkNetwork(text: string): void {
  if (namedNetworks.includes(text) || isIP(text) !== 0 || isSubnet(text)) return;
  throw optionInvalid(
    `--trust-proxy ${text} is no address, network such as 10.0.0.0/8, or one of ${namedNetworks.join(', ')}.`,
  );
}

function isSubnet(text: string): boolean {
  const [, address = '', prefix] = /^([^/]+)\/(\d{1,3})$/.exec(text) ?? [];
  try {
    new BlockList().addSubnet(address, Number(prefix), isIP(address) === 6 ? 'ipv6' : 'ipv4');
    return true;
  } catch {
    return false;
  }
}

/** The error for an option that cannot be used. */
export function optionInvalid(message: string, cause?: unknown): WebsslError {
  return new WebsslError({ code: 'SERVER_OPTION_INVALID', message, cause });
}
