import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';

/** The program in `WEBSSL_CHROMIUM`, or the first Chromium on the path. */
export function findChromium(): string | undefined {
  const { WEBSSL_CHROMIUM: named = '', PATH: path = '' } = process.env;
  if (named !== '') return named;
  return path
    .split(delimiter)
    .flatMap((folder) => ['chromium', 'chromium-browser', 'google-chrome'].map((name) => join(folder, name)))
    .find((program) => existsSync(program));
}
