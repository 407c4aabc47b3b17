import { BlockList } from 'node:net';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { clientOf } from './client-of.js';

test('a key counts for itself, wherever it is used', () => {
  expect(clientOf({ key: { name: 'photos' }, remoteAddress: '192.0.2.1' })).toBe('key:photos');
});

test.each([
  ['192.0.2.1', 'address:192.0.2.1'],
  ['::ffff:192.0.2.1', 'address:192.0.2.1'],
  ['::FFFF:c000:0201', 'address:192.0.2.1'],
  ['0:0:0:0:0:ffff:c000:201', 'address:192.0.2.1'],
  ['2001:db8:1:2:3:4:5:6', 'address:2001:db8:1:2::/64'],
  ['2001:0DB8:0001:0002::', 'address:2001:db8:1:2::/64'],
  ['2001:db8:1:2::9', 'address:2001:db8:1:2::/64'],
  ['2001:db8:1::9', 'address:2001:db8:1:0::/64'],
  ['2001:db8::1:2:3:4', 'address:2001:db8:0:0::/64'],
  ['fe80::1%eth0', 'address:fe80:0:0:0::/64'],
  ['::1', 'address:0:0:0:0::/64'],
  ['64:ff9b::192.0.2.1', 'address:64:ff9b:0:0::/64'],
  ['::192.0.2.1', 'address:0:0:0:0::/64'],
  ['', 'address:unknown'],
  ['not an address', 'address:unknown'],
])('%s counts for %s', (remoteAddress, client) => {
  expect(clientOf({ remoteAddress })).toBe(client);
});

test('addresses are one client exactly when they are in one /64', () => {
  const nearby = fc.tuple(fc.ipV6(), fc.ipV6(), fc.boolean()).map(([one, other, isNear]) => {
    return [one, isNear ? one.replace(/[0-9a-f]$/i, '7') : other] as const;
  });
  fc.assert(
    fc.property(nearby, ([one, other]) => {
      const mapped = new BlockList();
      mapped.addSubnet('::ffff:0:0', 96, 'ipv6');
      fc.pre(!mapped.check(one, 'ipv6') && !mapped.check(other, 'ipv6'));
      const network = new BlockList();
      network.addSubnet(one, 64, 'ipv6');
      expect(clientOf({ remoteAddress: one }) === clientOf({ remoteAddress: other })).toBe(
        network.check(other, 'ipv6'),
      );
    }),
    { numRuns: 500 },
  );
});
