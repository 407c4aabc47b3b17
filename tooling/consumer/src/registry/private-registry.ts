import { mkdtemp, rm } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runServer } from 'verdaccio';
import { publicRegistry } from './public-registry.js';

/** An npm registry on loopback: ours are published to it, all others come through it. */
export interface PrivateRegistry {
  /** With a `/` at its end. */
  readonly address: string;
  stop(): Promise<void>;
}

const largestPackage = '200mb';

/** Starts verdaccio with an empty storage. */
export async function startPrivateRegistry(): Promise<PrivateRegistry> {
  const folder = await mkdtemp(join(tmpdir(), 'private-registry-'));
  const application = await runServer({
    self_path: folder,
    configPath: join(folder, 'config.yaml'),
    storage: join(folder, 'storage'),
    uplinks: { public: { url: publicRegistry, cache: true, timeout: '60s', maxage: '60m' } },
    packages: {
      // Never from outside: what is tested is what this repository publishes.
      '@webssl/*': { access: '$all', publish: '$all', unpublish: '$all' },
      '**': { access: '$all', proxy: 'public' },
    },
    auth: { htpasswd: { file: join(folder, 'htpasswd') } },
    max_body_size: largestPackage,
    log: { type: 'stdout', format: 'pretty', level: 'fatal' },
  } as never);
  const server = application.listen(0, '127.0.0.1');
  await new Promise((resolve, reject) => server.once('listening', resolve).once('error', reject));
  const { port } = server.address() as AddressInfo;
  return {
    address: `http://127.0.0.1:${port}/`,
    async stop() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      await rm(folder, { recursive: true, force: true });
    },
  };
}
