import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { findCatalogueEntry } from '@webssl/registry';
import { buildAscendSimulator } from '@webssl-tooling/ascend-simulator';
import { goldenCheckpoint, goldenImage } from '@webssl-tooling/fixtures';
import { spawnHubDouble } from '@webssl-tooling/hub-double';
import { repository } from './markdown.js';

/** A folder in which the examples of the READMEs can run; inside this package, so that `@webssl/*` are found. */
export interface ExampleFolder {
  readonly folder: string;
  /** Variables under which the hub is one on loopback, and its models are the tiny golden checkpoint. */
  readonly environment: NodeJS.ProcessEnv;
  remove(): Promise<void>;
}

export async function createExampleFolder(): Promise<ExampleFolder> {
  const folder = mkdtempSync(join(repository, 'tooling', 'documentation', '.example-'));
  cpSync(goldenImage('rocket.jpg'), join(folder, 'photo.jpg'));
  mkdirSync(join(folder, 'photos'));
  for (const image of ['china.jpg', 'flower.jpg', 'png-rgb.png'])
    cpSync(goldenImage(image), join(folder, 'photos', image));
  for (const model of ['model', 'webssl-mae700m-full2b-224']) {
    cpSync(goldenCheckpoint('vit-tiny-p14'), join(folder, model), { recursive: true });
  }
  const hub = await spawnHubDouble({
    repositories: ['facebook/webssl-mae300m-full2b-224', 'facebook/webssl-mae700m-full2b-224'].map((id) => ({
      id,
      license: 'cc-by-nc-4.0',
      commits: [
        {
          commit: findCatalogueEntry(id)?.revision ?? '',
          references: ['main'],
          files: Object.fromEntries(
            readdirSync(goldenCheckpoint('vit-tiny-p14')).map((name) => [
              name,
              { file: join(goldenCheckpoint('vit-tiny-p14'), name) },
            ]),
          ),
        },
      ],
    })),
  });
  return {
    folder,
    environment: {
      ...process.env,
      HF_ENDPOINT: hub.endpoint,
      HF_HUB_OFFLINE: '0',
      HF_HUB_CACHE: join(folder, 'cache'),
      WEBSSL_CACHE: join(folder, 'webssl-cache'),
      ...simulatedNpu(),
    },
    async remove() {
      await hub.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

const built = buildAscendSimulator();

/** Why there is no simulated NPU. */
export const missingNpu = 'missing' in built ? built.missing : undefined;

/** Variables under which there is an NPU, a simulated one; none where it cannot be built. */
function simulatedNpu(): NodeJS.ProcessEnv {
  if ('missing' in built) return {};
  const { library, compiler, environment } = built.simulator;
  return {
    ...environment(),
    ACL_LIB: library,
    PATH: `${dirname(compiler)}${delimiter}${process.env['PATH'] ?? ''}`,
  };
}
