import { WebsslError } from '@webssl/backend';
import type { FaultRule } from '@webssl-tooling/hub-double';
import { describe, expect, it } from 'vitest';
import { expectModel, faultsOf, openBadHub, seeds } from './testing/bad-hub.js';

describe('faults that stay', () => {
  const always = Number.POSITIVE_INFINITY;
  const lasting: readonly FaultRule[] = [
    { on: 'cdn', fault: { kind: 'alter', offset: 1_000_000 } },
    { on: 'cdn', fault: { kind: 'disconnect' } },
    { on: 'cdn', fault: { kind: 'drop', afterBytes: 150_000 } },
    { on: 'cdn', fault: { kind: 'drop', afterBytes: 0 } },
    { on: 'cdn', fault: { kind: 'status', status: 500 } },
    { on: 'cdn', fault: { kind: 'status', status: 403 } },
    { on: 'cdn', fault: { kind: 'status', status: 200, body: 'a page of a captive portal' } },
    { on: 'cdn', fault: { kind: 'status', status: 429, headers: { 'Retry-After': '3600' } } },
    { on: 'cdn', fault: { kind: 'truncate', bytes: 1 } },
    { on: 'cdn', fault: { kind: 'truncate', bytes: 1, framing: 'content-length' } },
    { on: 'cdn', fault: { kind: 'expiredUrl' } },
    { on: 'cdn', fault: { kind: 'redirect', status: 302, location: 'file:///etc/passwd' } },
    { on: 'cdn', fault: { kind: 'refuseRange' } },
    { on: 'cdn', fault: { kind: 'ignoreRange' } },
    { on: 'hub', path: '/resolve/', fault: { kind: 'status', status: 404 } },
    { on: 'hub', path: '/resolve/', fault: { kind: 'status', status: 200, body: '<html>' } },
    { on: 'hub', path: '/api/', fault: { kind: 'status', status: 200, body: '{"sha":1}' } },
    { on: 'hub', path: '/api/', fault: { kind: 'status', status: 200, body: '<html>' } },
    { on: 'hub', fault: { kind: 'withoutHeaders', names: ['Location'] } },
    { on: 'hub', path: 'config.json', fault: { kind: 'alter', offset: 0 } },
  ].map((rule) => ({ ...rule, times: always })) as readonly FaultRule[];

  const typedCodes = new Set([
    'HUB_UNREACHABLE',
    'HUB_RATE_LIMITED',
    'HUB_CHECKSUM_MISMATCH',
    'HUB_SIZE_MISMATCH',
    'HUB_RESPONSE_INVALID',
    'HUB_REDIRECT_REFUSED',
    'HUB_FILE_NOT_FOUND',
    'HUB_REPOSITORY_NOT_FOUND',
    'HUB_ACCESS_DENIED',
  ]);

  it.each(seeds)(
    'give the model or an error that says what is wrong, and nothing between (seed %i)',
    async (seed) => {
      // Half of the passing ones, and one that stays.
      const stays = lasting[seed - 1];
      if (stays === undefined) throw new Error('There are too few faults that stay');
      const pulled = await openBadHub([...faultsOf(seed + 100, 4), stays]);
      try {
        await expectModel((await pulled.pull()).folder);
        return;
      } catch (error) {
        if (!WebsslError.isInstance(error)) throw error;
        expect(typedCodes).toContain(error.code);
        expect(await pulled.visible()).toEqual([]);
        expect((await pulled.tree()).filter((path) => path.includes('refs'))).toEqual([]);
      }
      // And nothing of it is in the way later.
      pulled.hub.setFaults([]);
      await expectModel((await pulled.pull()).folder);
    },
  );
});
