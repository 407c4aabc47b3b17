import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** Where the child resolves `@webssl/tensor-files`, which is this package's build. */
const cwd = fileURLToPath(new URL('../..', import.meta.url));

/** Runs a module text in a Node process of its own, files of which may have at most `fileBlocks` blocks where given. */
export function runModule(
  text: string,
  fileBlocks?: number,
): { child: ChildProcess; output: Promise<string> } {
  const node = [process.execPath, '--input-type=module', '--eval', text];
  const child =
    fileBlocks === undefined
      ? spawn(process.execPath, node.slice(1), { cwd })
      : spawn('sh', ['-c', `ulimit -f ${fileBlocks} && exec "$@"`, 'sh', ...node], { cwd });
  let printed = '';
  child.stdout?.on('data', (piece) => {
    printed += piece;
  });
  child.stderr?.on('data', (piece) => {
    printed += piece;
  });
  return { child, output: new Promise((resolve) => child.once('close', () => resolve(printed.trim()))) };
}
