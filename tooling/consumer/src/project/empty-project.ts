import { spawn } from 'node:child_process';
import { cp, mkdir, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { npmSettings } from '../registry/npm-settings.js';

/** What a command printed. */
export interface Ran {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * A folder far away from the repository, with a home of its own: no cache, no setting and no variable of whoever runs the test reaches
 * what is run in it, except that npm asks the private registry.
 */
export class EmptyProject {
  readonly folder: string;
  readonly #environment: NodeJS.ProcessEnv;

  private constructor(folder: string, environment: NodeJS.ProcessEnv) {
    this.folder = folder;
    this.#environment = environment;
  }

  /** @param registry where packages come from */
  static async create(registry: string): Promise<EmptyProject> {
    const root = await realpath(await mkdtemp(join(tmpdir(), 'consumer-')));
    const [folder, home] = [join(root, 'project'), join(root, 'home')];
    await mkdir(folder);
    await mkdir(home);
    await writeFile(
      join(home, '.npmrc'),
      `${npmSettings(registry)}fund=false\naudit=false\nupdate-notifier=false\n`,
    );
    return new EmptyProject(folder, {
      PATH: [dirname(process.execPath), process.env['PATH']].join(delimiter),
      HOME: home,
      USERPROFILE: home,
      ORT_DISABLE_TELEMETRY: '1',
      ...(process.env['NODE_EXTRA_CA_CERTS'] !== undefined && {
        NODE_EXTRA_CA_CERTS: process.env['NODE_EXTRA_CA_CERTS'],
      }),
    });
  }

  /** Writes files, by their paths in the project: text, bytes, or an object as JSON; folders are made. */
  async write(files: Readonly<Record<string, string | Uint8Array | object>>): Promise<void> {
    for (const [name, content] of Object.entries(files)) {
      const path = join(this.folder, name);
      await mkdir(dirname(path), { recursive: true });
      const isFinal = typeof content === 'string' || content instanceof Uint8Array;
      await writeFile(path, isFinal ? content : `${JSON.stringify(content, null, 2)}\n`);
    }
  }

  /** Copies a file or folder into the project. */
  async copy(source: string, name: string): Promise<void> {
    await cp(source, join(this.folder, name), { recursive: true });
  }

  /** Runs a command to its end, whatever that is. */
  run(command: string, parameters: readonly string[], folder = ''): Promise<Ran> {
    return new Promise((resolve, reject) => {
      const child = spawn(command, parameters, {
        cwd: join(this.folder, folder),
        env: this.#environment,
        stdio: ['ignore', 'pipe', 'pipe'],
      });
      let [stdout, stderr] = ['', ''];
      child.stdout.setEncoding('utf8').on('data', (text: string) => {
        stdout += text;
      });
      child.stderr.setEncoding('utf8').on('data', (text: string) => {
        stderr += text;
      });
      child.once('error', reject);
      child.once('close', (code) => resolve({ code, stdout, stderr }));
    });
  }

  /** Runs a command that must succeed; returns what it printed. */
  async succeed(command: string, parameters: readonly string[], folder = ''): Promise<string> {
    const { code, stdout, stderr } = await this.run(command, parameters, folder);
    if (code === 0) return stdout;
    throw new Error(`${[command, ...parameters].join(' ')} ended with ${code}:\n${stdout}\n${stderr}`);
  }

  async remove(): Promise<void> {
    await rm(dirname(this.folder), { recursive: true, force: true });
  }
}
