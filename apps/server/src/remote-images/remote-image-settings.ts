import { z } from 'zod';
import { readAllowedHost } from './allowed-host.js';
import type { UrlRules } from './image-url.js';
import { optionInvalid } from './remote-image-error.js';

/** Which images are fetched, and how much of this machine they may take. */
export interface RemoteImageSettings {
  /** As `parseAllowedHost` reads them; with none, nothing is fetched. */
  readonly allowedHosts: readonly string[];
  /** Whether http URLs are fetched as well, also where https redirects to them. */
  readonly allowHttp: boolean;
  /** Of one image. */
  readonly maxBytes: number;
  /** For one image, from the call to its last byte, with all redirects. */
  readonly timeoutMilliseconds: number;
  /** That one fetch follows; 5 is usual. */
  readonly maxRedirects: number;
}

const mostMilliseconds = 3_600_000;
const mostRedirects = 20;

const schema = z.strictObject({
  allowedHosts: z.array(z.string()),
  allowHttp: z.boolean(),
  maxBytes: z.number().int().positive(),
  timeoutMilliseconds: z.number().int().positive().max(mostMilliseconds),
  maxRedirects: z.number().int().nonnegative().max(mostRedirects),
});

/** @throws WebsslError `IMAGE_URL_OPTION_INVALID` */
export function resolveSettings(
  settings: RemoteImageSettings,
): UrlRules & Pick<RemoteImageSettings, 'maxBytes' | 'timeoutMilliseconds' | 'maxRedirects'> {
  const parsed = schema.safeParse(settings);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw optionInvalid(
      `Images by URL cannot be fetched with these settings: ${issue?.path.join('.')}: ${issue?.message}.`,
    );
  }
  const { allowedHosts, ...rest } = parsed.data;
  return { ...rest, allowed: allowedHosts.map(readAllowedHost) };
}
