#!/usr/bin/env node
/**
 * Fills the package in the working folder with the files of onnxruntime-node for the package's platform, as they are.
 * `--own-platform` does nothing for another platform than this one: what a developer does not run need not be copied.
 */
import { cpSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';

/**
 * The package for macOS holds the same library twice, under a name that nothing asks for: the binding's own load command names
 * libonnxruntime.1.dylib.
 */
const secondCopy = /^libonnxruntime\.\d+\.\d+\.\d+\.dylib$/;

const target = process.cwd();
const {
  version,
  publishConfig: { os, cpu },
} = JSON.parse(readFileSync(join(target, 'package.json'), 'utf8'));
const [platform] = os;
const [architecture] = cpu;
const isOwn = platform === process.platform && architecture === process.arch;

if (isOwn || !process.argv.includes('--own-platform')) copy();

function copy() {
  const manifest = createRequire(import.meta.url).resolve('onnxruntime-node/package.json');
  const found = JSON.parse(readFileSync(manifest, 'utf8')).version;
  if (found !== version) {
    throw new Error(
      `This package is version ${version}, the installed onnxruntime-node is ${found}. Give them the same version.`,
    );
  }
  const source = dirname(manifest);
  const binaries = join('bin', 'napi-v6', platform, architecture);
  for (const folder of ['bin', 'dist']) rmSync(join(target, folder), { recursive: true, force: true });
  cpSync(join(source, 'dist'), join(target, 'dist'), { recursive: true });
  for (const name of readdirSync(join(source, binaries))) {
    if (!secondCopy.test(name)) cpSync(join(source, binaries, name), join(target, binaries, name));
  }
  const notices = join(dirname(fileURLToPath(import.meta.url)), 'notices');
  for (const name of readdirSync(notices)) cpSync(join(notices, name), join(target, name));
}
