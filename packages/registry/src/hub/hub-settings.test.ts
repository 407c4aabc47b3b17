import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { describe, expect, it, onTestFinished } from 'vitest';
import { refusalOf } from '../testing/refusal.js';
import { readHubSettings } from './hub-settings.js';

/** A home folder with these files. */
async function homeWith(files: Readonly<Record<string, string>> = {}): Promise<string> {
  const home = await mkdtemp(join(tmpdir(), 'webssl-hub-'));
  onTestFinished(() => rm(home, { recursive: true }));
  for (const [name, content] of Object.entries(files)) {
    await mkdir(join(home, name, '..'), { recursive: true });
    await writeFile(join(home, name), content);
  }
  return home;
}

describe('settings of an environment', () => {
  it('has the defaults of the Python client where nothing is set', async () => {
    expect(await readHubSettings({}, { HOME: await homeWith() })).toEqual({
      endpoint: 'https://huggingface.co',
      token: undefined,
      offline: false,
      metadataTimeoutMilliseconds: 10_000,
      downloadTimeoutMilliseconds: 10_000,
      proxies: [],
    });
  });

  it.each([
    ['https://hf-mirror.com', 'https://hf-mirror.com'],
    ['https://hf-mirror.com/', 'https://hf-mirror.com'],
    ['http://localhost:8080//', 'http://localhost:8080'],
    ['https://mirror.example/models/hf/', 'https://mirror.example/models/hf'],
    ['HTTPS://Mirror.Example:443', 'https://mirror.example'],
    ['', 'https://huggingface.co'],
  ])('reads HF_ENDPOINT=%s', async (text, endpoint) => {
    const HOME = await homeWith();
    expect(await readHubSettings({}, { HOME, HF_ENDPOINT: text })).toMatchObject({ endpoint });
  });

  it('lets an option come before the environment', async () => {
    const HOME = await homeWith();
    const environment = { HOME, HF_ENDPOINT: 'https://a.example', HF_HUB_OFFLINE: '1' };
    expect(
      await readHubSettings({ endpoint: 'https://b.example/', offline: false }, environment),
    ).toMatchObject({
      endpoint: 'https://b.example',
      offline: false,
    });
  });

  it.each([
    'hf-mirror.com',
    'ftp://hf-mirror.com',
    'https://hf-mirror.com/?mirror=1',
    'https://hf-mirror.com/#top',
    'https://user:hunter2@hf-mirror.com',
    'https://hunter2@hf-mirror.com',
    'user:hunter2@hf-mirror.com',
    'https://',
  ])('refuses the endpoint %s and repeats no password', async (endpoint) => {
    const error = await refusalOf(readHubSettings({ endpoint, token: false }, {}));
    expect(error.code).toBe('HUB_ENDPOINT_INVALID');
    expect(inspect(error)).not.toContain('hunter2');
  });

  it.each([
    [{ HF_HUB_OFFLINE: '1' }, true],
    [{ HF_HUB_OFFLINE: 'yes' }, true],
    [{ HF_HUB_OFFLINE: 'True' }, true],
    [{ HF_HUB_OFFLINE: 'on' }, true],
    [{ HF_HUB_OFFLINE: '2' }, false],
    [{ TRANSFORMERS_OFFLINE: '1' }, true],
    [{ HF_HUB_OFFLINE: '', TRANSFORMERS_OFFLINE: '1' }, true],
    [{ HF_HUB_OFFLINE: '0', TRANSFORMERS_OFFLINE: '1' }, false],
  ])('is offline by %o: %s', async (variables, offline) => {
    expect(await readHubSettings({ token: false }, variables)).toMatchObject({ offline });
  });

  it.each([
    ['30', 30_000],
    [' 7 ', 7000],
    ['0', 10_000],
    ['', 10_000],
  ])('reads a timeout of "%s" seconds', async (text, milliseconds) => {
    const environment = { HF_HUB_ETAG_TIMEOUT: text, HF_HUB_DOWNLOAD_TIMEOUT: '21' };
    expect(await readHubSettings({ token: false }, environment)).toMatchObject({
      metadataTimeoutMilliseconds: milliseconds,
      downloadTimeoutMilliseconds: 21_000,
    });
  });

  it.each(['-1', '1.5', 'ten', '99999999999', '1e3'])('refuses a timeout of "%s" seconds', async (text) => {
    const error = await refusalOf(readHubSettings({ token: false }, { HF_HUB_DOWNLOAD_TIMEOUT: text }));
    expect(error.code).toBe('HUB_SETTING_INVALID');
    expect(error.message).toContain(`HF_HUB_DOWNLOAD_TIMEOUT is '${text}'`);
  });
});

describe('the token', () => {
  async function tokenOf(
    environment: Readonly<Record<string, string>>,
    options: Parameters<typeof readHubSettings>[0] = {},
  ): Promise<string | undefined> {
    return (await readHubSettings(options, environment)).token;
  }

  it('comes from HF_TOKEN, else HUGGING_FACE_HUB_TOKEN, else the file', async () => {
    const HOME = await homeWith({ '.cache/huggingface/token': 'hf_file\n' });
    expect(await tokenOf({ HOME, HF_TOKEN: ' hf_a\r\n', HUGGING_FACE_HUB_TOKEN: 'hf_b' })).toBe('hf_a');
    expect(await tokenOf({ HOME, HF_TOKEN: '', HUGGING_FACE_HUB_TOKEN: 'hf_b' })).toBe('hf_b');
    expect(await tokenOf({ HOME })).toBe('hf_file');
    // As in the Python client: a name that holds only space is set, but no token.
    expect(await tokenOf({ HOME, HF_TOKEN: ' ', HUGGING_FACE_HUB_TOKEN: 'hf_b' })).toBe('hf_file');
  });

  it('lies where HF_TOKEN_PATH, HF_HOME or XDG_CACHE_HOME say', async () => {
    const home = await homeWith({
      'my token': 'hf_path',
      'hf/token': 'hf_home',
      'xdg/huggingface/token': 'hf_xdg',
    });
    const places = { XDG_CACHE_HOME: join(home, 'xdg') };
    expect(await tokenOf({ HOME: home, ...places })).toBe('hf_xdg');
    expect(await tokenOf({ HOME: home, ...places, HF_HOME: '~/hf' })).toBe('hf_home');
    const path = { HF_TOKEN_PATH: '$PLACE/my token', PLACE: home };
    expect(await tokenOf({ HOME: home, ...places, HF_HOME: '~/hf', ...path })).toBe('hf_path');
  });

  it('is not taken from the environment where that is switched off', async () => {
    const HOME = await homeWith({ '.cache/huggingface/token': 'hf_file' });
    const environment = { HOME, HF_TOKEN: 'hf_a', HF_HUB_DISABLE_IMPLICIT_TOKEN: '1' };
    expect(await tokenOf(environment)).toBeUndefined();
    expect(await tokenOf(environment, { token: 'hf_b' })).toBe('hf_b');
    expect(await tokenOf({ HOME, HF_TOKEN: 'hf_a' }, { token: false })).toBeUndefined();
  });

  it('comes from the file named in the options before the environment', async () => {
    const home = await homeWith({ mine: '\nhf_mine\n' });
    expect(await tokenOf({ HF_TOKEN: 'hf_a' }, { tokenFile: join(home, 'mine') })).toBe('hf_mine');
  });

  it('is missing where a file is empty, or where no file is', async () => {
    const HOME = await homeWith({ '.cache/huggingface/token': ' \n' });
    expect(await tokenOf({ HOME })).toBeUndefined();
    expect(await tokenOf({ HF_TOKEN_PATH: join(HOME, 'none') })).toBeUndefined();
  });

  it('cannot come from a named file that is missing or empty, nor from a folder', async () => {
    const home = await homeWith({ empty: '\n' });
    for (const tokenFile of [join(home, 'none'), join(home, 'empty'), home]) {
      const error = await refusalOf(tokenOf({}, { tokenFile }));
      expect(error.code).toBe('HUB_TOKEN_UNREADABLE');
      expect(error.message).toContain(tokenFile);
    }
    expect((await refusalOf(tokenOf({ HF_TOKEN_PATH: home }))).code).toBe('HUB_TOKEN_UNREADABLE');
    expect((await refusalOf(tokenOf({}, { token: ' ' }))).code).toBe('HUB_TOKEN_UNREADABLE');
  });

  it.each(['hf_sécret', 'hf_se\u0000cret', 'hf_se\tcret', 'hf_“secret”'])(
    'is refused unseen where no header can carry it',
    async (token) => {
      const home = await homeWith({ mine: token });
      for (const refused of [
        tokenOf({ HF_TOKEN: token }),
        tokenOf({}, { token }),
        tokenOf({}, { tokenFile: join(home, 'mine') }),
      ]) {
        const error = await refusalOf(refused);
        expect(error.code).toBe('HUB_SETTING_INVALID');
        expect(inspect(error, { depth: 9, showHidden: true })).not.toContain('hf_');
      }
    },
  );
});
