/**
 * Compiles resample.ts to src/generated/resample-kernel.ts: `pnpm --filter @webssl/preprocess kernel`. With `--print`
 * the text goes to standard output instead.
 * The result is in the repository, so that building the package needs no compiler; a test keeps it current.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { argv, stdout } from 'node:process';
import { fileURLToPath } from 'node:url';
import compiler from 'assemblyscript/asc';

const source = fileURLToPath(new URL('./resample.ts', import.meta.url));
const folder = dirname(source);

let binary = null;
const { error, stderr } = await compiler.main(
  [
    basename(source),
    '--outFile=resample.wasm',
    '-O3',
    '--noAssert',
    '--runtime=stub',
    '--enable=simd',
    '--importMemory',
    '--initialMemory=1',
    '--use=abort=',
  ],
  {
    readFile: (name) => {
      try {
        return readFileSync(join(folder, name), 'utf8');
      } catch {
        return null; // The compiler asks for files that need not be there, asconfig.json for one.
      }
    },
    writeFile: (name, contents) => {
      if (name.endsWith('.wasm')) binary = contents;
    },
    listFiles: () => [],
  },
);
if (error || binary === null) throw new Error(`The kernel does not compile:\n${stderr}`, { cause: error });

const text = [
  '// Made by assembly/compile.mjs from assembly/resample.ts. Do not edit.',
  '',
  '/** The WebAssembly module of the resampler, base64. */',
  `export const resampleKernel =\n  '${Buffer.from(binary).toString('base64')}';`,
  '',
].join('\n');
if (argv.includes('--print')) stdout.write(text);
else writeFileSync(join(folder, '..', 'src', 'generated', 'resample-kernel.ts'), text);
