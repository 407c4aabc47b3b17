import { WebsslError } from '@webssl/backend';

/** What may be wrong between this machine and a hub, for good: another try changes nothing. */
export type HubErrorCode =
  /** An environment variable or an option has a value that cannot be used. */
  | 'HUB_SETTING_INVALID'
  | 'HUB_ENDPOINT_INVALID'
  /** The file that should hold the token cannot be read or holds none. */
  | 'HUB_TOKEN_UNREADABLE'
  /** The network is not to be used. */
  | 'HUB_OFFLINE'
  /** No usable answer after all tries, or one that no try mends, such as a certificate that is not trusted. */
  | 'HUB_UNREACHABLE'
  /** The hub still asks to wait after all tries, or for longer than the policy allows. */
  | 'HUB_RATE_LIMITED'
  | 'HUB_REPOSITORY_NOT_FOUND'
  | 'HUB_REVISION_NOT_FOUND'
  | 'HUB_FILE_NOT_FOUND'
  | 'HUB_ACCESS_DENIED'
  /** The answer is not what the hub's protocol asks for. */
  | 'HUB_RESPONSE_INVALID'
  /** A redirect that is not safe to follow. */
  | 'HUB_REDIRECT_REFUSED';

/** A `WebsslError` whose code is one of the hub's. */
export function hubError(
  code: HubErrorCode,
  message: string,
  more: { readonly cause?: unknown; readonly details?: Readonly<Record<string, unknown>> } = {},
): WebsslError {
  return new WebsslError({ code, message, ...more });
}
