import { readFileSync } from 'node:fs';
import { goldenCheckpoint, goldenImage } from '@webssl-tooling/fixtures';
import { pino } from 'pino';
import { resolveLimits, type ServerLimits } from '../limits/server-limits.js';
import type { ServerSettings } from '../server-settings.js';
import { type RunningServer, type StartServerOptions, startServer } from '../start-server.js';

export interface TestServerOptions extends Partial<Omit<StartServerOptions, 'settings'>> {
  readonly settings?: Partial<Omit<ServerSettings, 'limits'>>;
  readonly limits?: Partial<ServerLimits>;
}

/** A real server on loopback with a tiny checkpoint on the CPU. */
export async function startTestServer(options: TestServerOptions = {}): Promise<RunningServer> {
  const { settings, limits, ...rest } = options;
  return startServer({
    model: goldenCheckpoint('vit-tiny-p14'),
    encoder: { isolation: 'thread', threads: 1 },
    host: '127.0.0.1',
    port: 0,
    logger: pino({ level: 'silent' }),
    checkImage: readFileSync(goldenImage('rocket.jpg')),
    ...rest,
    settings: {
      modelName: 'vit-tiny-p14',
      feature: 'cls',
      normalize: false,
      corsOrigins: [],
      preparation: { exif: 'ignore', resize: 'exact' },
      ...settings,
      limits: resolveLimits(limits),
    },
  });
}
