import { fileURLToPath } from 'node:url';
import { defineConfig, type Options } from 'tsup';

/** The page that the server gives at `/`: one script with all that it needs, its style and its document. */
export function pageBuild(outDir: string): Options {
  const source = (name: string) => fileURLToPath(new URL(`./src/page/${name}`, import.meta.url));
  return {
    entry: { main: source('main.ts'), style: source('style.css'), index: source('index.html') },
    outDir,
    format: 'esm',
    target: 'es2022',
    platform: 'browser',
    outExtension: () => ({ js: '.js' }),
    noExternal: [/.*/],
    loader: { '.html': 'copy' },
    minify: true,
    splitting: false,
    // The server's own build lies beside it.
    clean: false,
    config: false,
    silent: true,
  };
}

export default defineConfig(pageBuild('dist/page'));
