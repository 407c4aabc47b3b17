import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { goldenCheckpoint } from '@webssl-tooling/fixtures';
import { Command } from 'commander';
import { expect, test } from 'vitest';
import { resolveLimits } from '../limits/server-limits.js';
import type { ServerSettings } from '../server-settings.js';
import { addServeCommands } from './serve-commands.js';
import type { ServeOptions } from './serve-options.js';
import { remoteImagesOf, settingsOf } from './serve-settings.js';

/** What the command line makes of flags, without serving. */
function optionsOf(flags: readonly string[]): ServeOptions {
  let options: ServeOptions | undefined;
  const program = new Command().exitOverride().configureOutput({ writeErr: () => undefined });
  const terminal = {
    result: () => undefined,
    note: () => undefined,
    showProgress: () => ({ update: () => undefined, stop: () => undefined }),
    showStatus: () => ({ update: () => undefined, stop: () => undefined }),
    isInteractive: false,
    isClosed: false,
    hasFailed: false,
  };
  addServeCommands(program, terminal, new AbortController().signal, () => undefined, { isDefault: true });
  const serve = program.commands.find((command) => command.name() === 'serve');
  serve?.exitOverride().action((given: ServeOptions) => {
    options = given;
  });
  program.parse(['serve', ...flags], { from: 'user' });
  if (options === undefined) throw new Error('serve was not meant');
  return options;
}

const defaults: ServerSettings = {
  limits: resolveLimits(),
  modelName: 'facebook/webssl-mae700m-full2b-224',
  feature: 'cls',
  normalize: false,
  corsOrigins: [],
  hostNames: [],
  preparation: { exif: 'ignore', resize: 'exact' },
};

const cases: readonly (readonly [flags: string, settings: Partial<ServerSettings>])[] = [
  ['', {}],
  ['--served-model-name vit', { modelName: 'vit' }],
  [
    '--model random:facebook/webssl-mae700m-full2b-224',
    { modelName: 'random:facebook/webssl-mae700m-full2b-224' },
  ],
  ['--feature mean --normalize', { feature: 'mean', normalize: true }],
  ['--only-features cls,mean', { servedFeatures: ['cls', 'mean'] }],
  [
    '--max-request-bytes 5000 --max-image-bytes 4000',
    { limits: resolveLimits({ requestBytes: 5000, imageBytes: 4000 }) },
  ],
  ['--max-image-pixels 9 --max-images 3', { limits: resolveLimits({ imagePixels: 9, imagesPerRequest: 3 }) }],
  ['--max-queue-images 200', { limits: resolveLimits({ queueImages: 200 }) }],
  ['--max-queue-bytes 100000000', { limits: resolveLimits({ queueBytes: 100_000_000 }) }],
  ['--timeout 1.5 --max-connections 7', { limits: resolveLimits({ timeout: 1500, connections: 7 }) }],
  ['--images-per-minute 60', { imagesPerMinute: 60 }],
  ['--cors-origin https://a.example --cors-origin *', { corsOrigins: ['https://a.example', '*'] }],
  ['--host-name Features.Example', { hostNames: ['features.example'] }],
  ['--trust-proxy 10.0.0.0/8 --trust-proxy ::1', { trustedProxies: ['10.0.0.0/8', '::1'] }],
  ['--exif apply --resize fast', { preparation: { exif: 'apply', resize: 'fast' } }],
];

test.each(cases)('serve %s', async (flags, settings) => {
  const options = optionsOf(flags.split(' ').filter(Boolean));
  expect(await settingsOf(options)).toEqual({ ...defaults, ...settings });
});

test('on an address that others reach any name is answered for, unless names are said', async () => {
  expect(await settingsOf(optionsOf(['--host', '0.0.0.0']))).not.toHaveProperty('hostNames');
  const named = optionsOf(['--host', '0.0.0.0', '--host-name', 'a.example']);
  expect((await settingsOf(named)).hostNames).toEqual(['a.example']);
});

test('a folder is served by its name, not by where it lies', async () => {
  const options = optionsOf(['--model', goldenCheckpoint('vit-tiny-p14')]);
  expect((await settingsOf(options)).modelName).toBe('vit-tiny-p14');
});

test('images are fetched from the hosts that are named, within the limits', async () => {
  const none = optionsOf([]);
  expect(remoteImagesOf(none, await settingsOf(none))).toBeUndefined();
  const some = optionsOf(['--allow-url-host', 'a.example', '--max-image-bytes', '99', '--timeout', '3']);
  expect(remoteImagesOf(some, await settingsOf(some))).toEqual({
    allowedHosts: ['a.example'],
    allowHttp: false,
    maxBytes: 99,
    timeoutMilliseconds: 3000,
    maxRedirects: expect.any(Number),
  });
});

test.each([
  [['--cors-origin', 'https://a.example/'], /--cors-origin https:\/\/a.example\/ is no origin/],
  [['--cors-origin', 'a.example'], /is no origin/],
  [['--trust-proxy', '10.0.0'], /--trust-proxy 10.0.0 is no address/],
  [['--trust-proxy', '10.0.0.0/40'], /is no address/],
  [['--only-features', 'patches'], /--only-features leaves out cls/],
  [['--tls-cert', 'cert.pem'], /needs both --tls-cert and --tls-key/],
  [['--tls-cert', '/nowhere/cert.pem', '--tls-key', '/nowhere/key.pem'], /--tls-cert: .* cannot be read/],
])('%j is refused with the flag that is wrong', async (flags, message) => {
  await expect(settingsOf(optionsOf(flags))).rejects.toThrow(
    expect.objectContaining({ code: 'SERVER_OPTION_INVALID', message: expect.stringMatching(message) }),
  );
});

test('files that are no certificate and key are refused before anything is loaded', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'webssl-tls-'));
  try {
    const file = join(folder, 'cert.pem');
    await writeFile(file, 'no certificate');
    await expect(settingsOf(optionsOf(['--tls-cert', file, '--tls-key', file]))).rejects.toThrow(
      /are not a certificate and its key/,
    );
  } finally {
    await rm(folder, { recursive: true });
  }
});

test('limits that contradict each other are refused', async () => {
  await expect(settingsOf(optionsOf(['--max-images', '9', '--max-queue-images', '8']))).rejects.toThrow(
    expect.objectContaining({ code: 'SERVER_LIMIT_INVALID' }),
  );
});

test.each([
  ['--port', '70000'],
  ['--timeout', '0'],
  ['--timeout', 'soon'],
  ['--max-images', '1.5'],
  ['--max-batch-wait-ms', '-1'],
  ['--feature', 'patches'],
  ['--cors-origin', ''],
  ['--log-level', 'loud'],
])('the command line refuses %s %j', (flag, value) => {
  expect(() => optionsOf([flag, value])).toThrow(
    expect.objectContaining({ code: 'commander.invalidArgument' }),
  );
});
