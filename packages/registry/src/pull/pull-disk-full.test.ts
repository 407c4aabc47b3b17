import { existsSync } from 'node:fs';
import { rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { generatedBytes } from '@webssl-tooling/hub-double';
import { describe, expect, it } from 'vitest';
import { refusalOf } from '../testing/refusal.js';
import { mountDisk, mountObstacle } from './testing/mounts.js';
import { hubOf, id, isSame, modelOf, openCase, type PullCase } from './testing/pull-case.js';

const megabyte = 1024 * 1024;
const bytes = 12 * megabyte;
const skipped = mountObstacle === undefined ? '' : ` (${mountObstacle})`;

describe.skipIf(mountObstacle !== undefined)(`a disk${skipped}`, () => {
  it('that is too small is refused before any byte of a file is asked for, with the needed and the free bytes', async () => {
    const pulled = await openCase(hubOf(modelOf(bytes)));
    mountDisk(pulled.cache, 20 * megabyte);
    const error = await refusalOf(pulled.pull());
    expect(error.code).toBe('HUB_DISK_FULL');
    expect(error.details['neededBytes']).toBe(bytes + 4);
    const freeBytes = Number(error.details['freeBytes']);
    expect(freeBytes).toBeGreaterThan(19 * megabyte);
    expect(freeBytes).toBeLessThanOrEqual(20 * megabyte);
    expect(error.message).toContain(`${bytes + 4} bytes`);
    expect(error.message).toContain(`${freeBytes} bytes`);
    expect(pulled.requestedFiles()).toEqual([]);
  });

  it('that is too small for the shards of an index is refused before any byte of them', async () => {
    const weight_map = { a: 'weights/a.safetensors' };
    const pulled = await openCase(
      hubOf({
        'config.json': '{}',
        'preprocessor_config.json': '{}',
        'model.safetensors.index.json': JSON.stringify({ weight_map }),
        'weights/a.safetensors': { bytes },
      }),
    );
    mountDisk(pulled.cache, 20 * megabyte);
    const error = await refusalOf(pulled.pull());
    expect(error.code).toBe('HUB_DISK_FULL');
    expect(error.details['neededBytes']).toBe(bytes);
    expect(pulled.requestedFiles()).not.toContain('weights/a.safetensors');
  });

  it('that has room for what is missing is enough, whatever is there already', async () => {
    const pulled = await openCase(hubOf(modelOf(bytes)));
    mountDisk(pulled.cache, 30 * megabyte);
    const first = await pulled.pull();
    await rm(await pulled.blob('config.json'));
    expect((await pulled.pull()).folder).toBe(first.folder);
  });

  it('that fills up meanwhile leaves a part, from which it goes on when there is room', async () => {
    const pulled = await openCase(hubOf(modelOf(bytes), { bytesPerSecond: 4_000_000 }));
    mountDisk(pulled.cache, 30 * megabyte);
    const error = await refusalOf(
      pulled.pull(id, {
        onPull: (event) => {
          pulled.events.push(event);
          if (event.kind === 'progress' && event.presentBytes > megabyte) void eatSpace(pulled);
        },
      }),
    );
    expect(error.code).toBe('HUB_DISK_FULL');
    expect(error.message).toMatch(/Free that much/);
    const presentBytes = Number(error.details['presentBytes']);
    expect(presentBytes).toBeGreaterThan(megabyte);
    expect(presentBytes).toBeLessThan(bytes);
    expect(await pulled.visible()).toEqual([]);
    expect(existsSync(`${await pulled.blob('model.safetensors')}.webssl.incomplete`)).toBe(true);

    await rm(join(pulled.cache, 'something else'));
    pulled.hub.reset();
    const { folder } = await pulled.pull();
    expect(await isSame(join(folder, 'model.safetensors'), generatedBytes(1, 0, bytes))).toBe(true);
    expect(pulled.hub.bytesSent({ host: 'cdn' })).toBe(bytes - presentBytes);
    expect(dirname(folder)).toBe(join(pulled.repository(), 'snapshots'));
  });
});

/** Another program that takes all the space there is. */
async function eatSpace({ cache }: PullCase): Promise<void> {
  await writeFile(join(cache, 'something else'), Buffer.alloc(40 * megabyte)).catch(() => undefined);
}
