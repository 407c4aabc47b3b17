import { repository } from './public-packages.js';

const ofTheRepository =
  /(^|\/)(src|node_modules|\.turbo)\/|\.test\.|\.test-d\.|tsconfig|tsup\.config|turbo\.json/;
const text = /\.(js|mjs|cjs|ts|json|map|md)$/;
const mostText = 4 * 1024 * 1024;

/** What a package holds that it should not, and lacks that it should have, a line each. */
export function contentProblems(files: ReadonlyMap<string, Uint8Array>): string[] {
  const missing = ['package.json', 'README.md', 'LICENSE'].filter((name) => !files.has(name));
  return [
    ...missing.map((name) => `${name} is missing`),
    ...[...files].flatMap(([name, data]) => {
      if (ofTheRepository.test(name)) return [`${name} is a file of the repository`];
      if (!text.test(name) || data.byteLength > mostText) return [];
      const content = new TextDecoder().decode(data);
      return [
        ...(name === 'package.json' && /"(workspace|catalog):/.test(content)
          ? ['package.json refers to the workspace']
          : []),
        ...(content.includes(repository) ? [`${name} has the path of this machine`] : []),
      ];
    }),
  ];
}
