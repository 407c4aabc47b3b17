import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { goldenCheckpoint, goldenImage } from '@webssl-tooling/fixtures';
import { repository } from './markdown.js';

const referenceModel = {
  repository: 'models--facebook--webssl-mae700m-full2b-224',
  revision: 'c32be382e757d73a178de1ead62c27391d4b4280',
};

/** A folder in which the examples of the READMEs can run; inside this package, so that `@webssl/*` are found. */
export interface ExampleFolder {
  readonly folder: string;
  /** Variables under which the reference model is the tiny golden checkpoint. */
  readonly environment: NodeJS.ProcessEnv;
  remove(): void;
}

export function createExampleFolder(): ExampleFolder {
  const folder = mkdtempSync(join(repository, 'tooling', 'documentation', '.example-'));
  cpSync(goldenImage('rocket.jpg'), join(folder, 'photo.jpg'));
  mkdirSync(join(folder, 'photos'));
  for (const image of ['china.jpg', 'flower.jpg', 'png-rgb.png'])
    cpSync(goldenImage(image), join(folder, 'photos', image));
  for (const model of ['model', 'webssl-mae700m-full2b-224']) {
    cpSync(goldenCheckpoint('vit-tiny-p14'), join(folder, model), { recursive: true });
  }
  const cached = join(folder, 'cache', referenceModel.repository);
  mkdirSync(join(cached, 'refs'), { recursive: true });
  writeFileSync(join(cached, 'refs', 'main'), referenceModel.revision);
  cpSync(goldenCheckpoint('vit-tiny-p14'), join(cached, 'snapshots', referenceModel.revision), {
    recursive: true,
  });
  return {
    folder,
    environment: {
      ...process.env,
      HF_HUB_CACHE: join(folder, 'cache'),
      WEBSSL_CACHE: join(folder, 'webssl-cache'),
    },
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}
