import { chmodSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Stands in for `atc` where a test is about what is around it. The simulator's own reads the model; this one does what it is told. */
export interface CompilerDouble {
  readonly path: string;
  /** The arguments and working folder of every run so far. */
  runs(): readonly { readonly arguments: readonly string[]; readonly folder: string }[];
}

/** What a real one does in the end. */
export const succeed = 'writeModel(); console.log("ATC run success, welcome to the next use.");';

/**
 * Writes a compiler into a folder.
 * @param body JavaScript that it runs; `writeModel(bytes?)` writes a model as the compiler would
 */
export function compilerDouble(folder: string, body: string = succeed): CompilerDouble {
  const path = join(folder, 'atc');
  const record = join(folder, 'runs.jsonl');
  writeFileSync(path, program(record, body));
  chmodSync(path, 0o755);
  return {
    path,
    runs: () => {
      const lines = readFileSync(record, { encoding: 'utf8', flag: 'a+' }).split('\n');
      return lines.filter((line) => line !== '').map((line) => JSON.parse(line));
    },
  };
}

/** An offline model with a true header. */
export function offlineModelBytes(content = 'content'): Buffer {
  const header = Buffer.alloc(256);
  header.write('IMOD', 'latin1');
  header.writeUInt32LE(256, 4);
  header.writeUInt32LE(content.length, 76);
  return Buffer.concat([header, Buffer.from(content)]);
}

function program(record: string, body: string): string {
  return `#!${process.execPath}
const fs = require('node:fs');
const { spawn } = require('node:child_process');
const given = process.argv.slice(2);
const option = (name) => given.find((word) => word.startsWith('--' + name + '='))?.split('=').slice(1).join('=');
const writeModel = (bytes = Buffer.from('${offlineModelBytes().toString('base64')}', 'base64'), suffix = '') => {
  fs.mkdirSync('weight');
  fs.writeFileSync('weight/weight_0', 'numbers');
  fs.writeFileSync('fusion_result.json', '{}');
  fs.writeFileSync(option('output') + suffix + '.om', bytes);
};
fs.appendFileSync(${JSON.stringify(record)}, JSON.stringify({ arguments: given, folder: process.cwd() }) + '\\n');
console.log('ATC start working now, please wait for a moment.');
${body}
`;
}
