import { createRequire } from 'node:module';
import { z } from 'zod';

const manifest = z.object({ version: z.string() });

/** The version of this package; `unknown` where its package.json is not beside it, as in a bundle. */
export function ownVersion(): string {
  try {
    const content: unknown = createRequire(import.meta.url)('@webssl/backend-acl-native/package.json');
    return manifest.parse(content).version;
  } catch {
    return 'unknown';
  }
}
