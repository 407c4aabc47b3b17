import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Environment } from '../cache-folder.js';
import { expandPath } from '../expand-path.js';
import { isMissing } from '../file-errors.js';
import { isTrue } from './environment-values.js';
import { hubError } from './hub-error.js';
import { hubHome } from './hub-home.js';

export interface TokenOptions {
  /** The token itself; `false`: send none. Default: as the environment says. */
  readonly token?: string | false | undefined;
  /** A file that holds it. */
  readonly tokenFile?: string | undefined;
}

/**
 * The token to show the hub: as the options say, else none where `HF_HUB_DISABLE_IMPLICIT_TOKEN` is set, else `HF_TOKEN`,
 * else `HUGGING_FACE_HUB_TOKEN`, else the file at `HF_TOKEN_PATH` (default `$HF_HOME/token`), which need not exist.
 *
 * @throws WebsslError `HUB_TOKEN_UNREADABLE`, `HUB_SETTING_INVALID` (a token that no header can carry). No message repeats
 * a token.
 */
export async function readToken(
  { token, tokenFile }: TokenOptions,
  environment: Environment,
): Promise<string | undefined> {
  if (token === false) return undefined;
  if (token !== undefined)
    return required(cleanToken(token, 'The token option'), 'The token option is empty');
  if (tokenFile !== undefined) {
    return required(
      cleanToken(await readTokenFile(tokenFile), `The token in ${tokenFile}`),
      `The token file ${tokenFile} is empty`,
    );
  }
  if (isTrue(environment['HF_HUB_DISABLE_IMPLICIT_TOKEN'])) return undefined;
  const name = environment['HF_TOKEN'] ? 'HF_TOKEN' : 'HUGGING_FACE_HUB_TOKEN';
  return cleanToken(environment[name], name) ?? (await readStoredToken(environment));
}

async function readStoredToken(environment: Environment): Promise<string | undefined> {
  const named = environment['HF_TOKEN_PATH'];
  const file = named ? expandPath(named, environment) : join(hubHome(environment), 'token');
  try {
    return cleanToken(await readTokenFile(file), `The token in ${file}`);
  } catch (error) {
    if (error instanceof Error && isMissing(error.cause)) return undefined;
    throw error;
  }
}

async function readTokenFile(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw hubError('HUB_TOKEN_UNREADABLE', `The token file ${file} cannot be read: ${reason}`, {
      cause,
      details: { file },
    });
  }
}

/** Without line ends and surrounding space, as the Python client does; undefined where nothing is left. */
function cleanToken(text: string | undefined, source: string): string | undefined {
  const token = (text ?? '').replace(/[\r\n]/g, '').trim();
  if (token === '') return undefined;
  if (!/^[\x20-\x7e]+$/.test(token)) {
    throw hubError(
      'HUB_SETTING_INVALID',
      `${source} holds characters that no token has (only printable ASCII can be sent). It is not shown here; copy it anew from the hub's settings page.`,
    );
  }
  return token;
}

function required(token: string | undefined, problem: string): string {
  if (token !== undefined) return token;
  throw hubError('HUB_TOKEN_UNREADABLE', `${problem}. Name a token, or leave it out to use none.`);
}
