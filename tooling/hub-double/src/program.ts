/** A double in a process of its own. Argument: a JSON file (`ProgramOptions`). Prints `{"endpoint","cdn"}` and ends when stdin closes, or on SIGTERM. */
import { readFile } from 'node:fs/promises';
import process from 'node:process';
import { startHubDouble } from './hub-double.js';
import { parseProgramOptions } from './program-options.js';

const [file] = process.argv.slice(2);
if (file === undefined) throw new Error('Usage: node program.js OPTIONS.json');

const hub = await startHubDouble(parseProgramOptions(await readFile(file, 'utf8')));
await hub.prepare();
const end = () => {
  process.stdin.destroy();
  void hub.close();
};
process.once('SIGTERM', end);
process.once('SIGINT', end);
process.stdin.once('end', end).resume();
process.stdout.write(`${JSON.stringify({ endpoint: hub.endpoint, cdn: hub.cdn })}\n`);
