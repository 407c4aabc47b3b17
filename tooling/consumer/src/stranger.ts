import { afterAll, afterEach, beforeAll, beforeEach, expect } from 'vitest';
import { EmptyProject } from './project/empty-project.js';
import { type PrivateRegistry, startPrivateRegistry } from './registry/private-registry.js';
import { publishPackages } from './registry/publish-packages.js';
import { addModel, errorOf } from './tiny-model.js';

const minutes = 60_000;

/** Of NMSE, as everywhere: float32 of another library, in another order of addition. */
const bound = 1e-10;

export type PackageManager = 'npm' | 'pnpm' | 'newest pnpm';

/** The pnpm that this repository uses; the newest one decides otherwise about scripts and peers. */
const pnpmVersion = '10.34.9';

/** Each as somebody has it who has set nothing. */
const managers: Readonly<Record<PackageManager, readonly string[]>> = {
  npm: ['npm'],
  pnpm: ['npx', '--yes', `pnpm@${pnpmVersion}`],
  'newest pnpm': ['npx', '--yes', 'pnpm@latest'],
};

/** Somebody who has nothing of this repository, but a registry with its packages: a fresh, empty project for each test. */
export class Stranger {
  #registry: PrivateRegistry | undefined;
  #project: EmptyProject | undefined;

  /** Begins and ends with the tests of the suite that it is made in. */
  constructor() {
    beforeAll(async () => {
      this.#registry = await startPrivateRegistry();
      await publishPackages(this.#registry.address);
    }, 10 * minutes);
    afterAll(() => this.#registry?.stop());
    beforeEach(async () => {
      this.#project = await EmptyProject.create(this.#registry?.address ?? '');
    });
    afterEach(() => this.#project?.remove());
  }

  get project(): EmptyProject {
    if (this.#project === undefined) throw new Error('only within a test');
    return this.#project;
  }

  /** Runs the package manager in the project. */
  async manage(manager: PackageManager, ...parameters: string[]): Promise<string> {
    const [command = '', ...before] = managers[manager];
    return this.project.succeed(command, [...before, ...parameters]);
  }

  /** An ES module project with packages, a model as `model` and a photograph as `photo.png`. */
  async begin(manager: PackageManager, ...packages: string[]): Promise<EmptyProject> {
    await this.project.write({ 'package.json': { name: 'mine', private: true, type: 'module' } });
    await this.manage(manager, manager === 'npm' ? 'install' : 'add', ...packages);
    await addModel(this.project);
    return this.project;
  }
}

/** What a program printed, whose CLS feature must be the reference's. */
export async function features(text: string): Promise<Readonly<Record<string, unknown>>> {
  const printed = JSON.parse(text);
  expect(await errorOf(printed.cls)).toBeLessThanOrEqual(bound);
  return printed;
}
