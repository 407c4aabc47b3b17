import type { Environment } from '../cache-folder.js';
import { isTrue, readMilliseconds } from './environment-values.js';
import { defaultEndpoint, parseEndpoint } from './hub-endpoint.js';
import { readToken, type TokenOptions } from './hub-token.js';
import { type ProxyRules, readProxyRules } from './proxy-rules.js';

/** What a caller may say instead of the environment. */
export interface HubOptions extends TokenOptions {
  /** Address of the hub or of a mirror. Default: `HF_ENDPOINT`, else `https://huggingface.co`. */
  readonly endpoint?: string | undefined;
  /** Whether the network stays unused. Default: as `HF_HUB_OFFLINE` or `TRANSFORMERS_OFFLINE` say. */
  readonly offline?: boolean | undefined;
}

/** How to reach a hub. Holds secrets (the token, passwords of proxies): not for logs. */
export interface HubSettings {
  /** Without trailing slash. */
  readonly endpoint: string;
  readonly token: string | undefined;
  readonly offline: boolean;
  /**
   * For connecting, for an answer to begin and for every gap within it: requests about files. A whole answer may take
   * six times as long.
   */
  readonly metadataTimeoutMilliseconds: number;
  /** The same for the files' bytes. After six times as long a wait, at least 1 KiB a second must have come. */
  readonly downloadTimeoutMilliseconds: number;
  readonly proxies: ProxyRules;
}

/** Of the Python client, for both timeouts. */
const defaultTimeoutSeconds = 10;

/**
 * The settings of the Hugging Face tools, with the meaning that the Python client gives them: `HF_ENDPOINT`, the token
 * (see {@link readToken}), `HF_HUB_OFFLINE`, `TRANSFORMERS_OFFLINE`, `HF_HUB_ETAG_TIMEOUT`, `HF_HUB_DOWNLOAD_TIMEOUT` and
 * the proxy variables (see {@link readProxyRules}). Empty variables count as unset.
 *
 * @throws WebsslError `HUB_ENDPOINT_INVALID`, `HUB_SETTING_INVALID`, `HUB_TOKEN_UNREADABLE`
 */
export async function readHubSettings(
  options: HubOptions = {},
  environment: Environment = process.env,
): Promise<HubSettings> {
  return {
    endpoint:
      options.endpoint === undefined
        ? parseEndpoint(environment['HF_ENDPOINT'] || defaultEndpoint, 'HF_ENDPOINT')
        : parseEndpoint(options.endpoint, 'The endpoint option'),
    token: await readToken(options, environment),
    offline: options.offline ?? isTrue(environment['HF_HUB_OFFLINE'] || environment['TRANSFORMERS_OFFLINE']),
    metadataTimeoutMilliseconds: readMilliseconds(environment, 'HF_HUB_ETAG_TIMEOUT', defaultTimeoutSeconds),
    downloadTimeoutMilliseconds: readMilliseconds(
      environment,
      'HF_HUB_DOWNLOAD_TIMEOUT',
      defaultTimeoutSeconds,
    ),
    proxies: readProxyRules(environment),
  };
}
