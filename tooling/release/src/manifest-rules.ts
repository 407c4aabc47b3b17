import { z } from 'zod';
import type { PublicPackage } from './public-packages.js';

/** The types stand first: of the conditions that fit, TypeScript takes the first. */
const target = z.union([
  z.string().startsWith('./'),
  z
    .record(z.string(), z.string().startsWith('./'))
    .refine((conditions) => Object.keys(conditions)[0] === 'types', 'types must stand first')
    .refine((conditions) => Object.keys(conditions).at(-1) === 'default', 'default must stand last'),
]);

const manifest = z.object({
  name: z.string().startsWith('@webssl/'),
  version: z.string().regex(/^\d+\.\d+\.\d+(-[\w.]+)?$/),
  description: z.string().min(20),
  license: z.enum(['Apache-2.0', 'MIT']),
  repository: z.object({
    type: z.literal('git'),
    url: z.literal('git+https://github.com/webssl/webssl.git'),
    directory: z.string(),
  }),
  // The binding of ONNX Runtime is CommonJS, as it is made by others.
  type: z.enum(['module', 'commonjs']),
  sideEffects: z.literal(false),
  engines: z.object({ node: z.literal('>=20.19.0') }),
  files: z
    .array(z.string())
    .refine(
      (files) => ['CHANGELOG.md', 'README.md', 'LICENSE'].every((name) => files.includes(name)),
      'must have CHANGELOG.md, README.md and LICENSE',
    ),
  exports: z
    .record(z.string(), target)
    .refine((exports) => exports['./package.json'] === './package.json', 'must have ./package.json'),
  // The release workflow asks for provenance: nobody could publish from elsewhere otherwise, a test neither.
  publishConfig: z.looseObject({ access: z.literal('public'), provenance: z.undefined().optional() }),
  scripts: z
    .record(z.string(), z.string())
    .refine(
      (scripts) => !['preinstall', 'install', 'postinstall', 'prepare'].some((name) => name in scripts),
      'must have no script that runs when a user installs it',
    ),
});

/** What is wrong with the package.json of a public package, a line each. */
export function manifestProblems({ folder, manifest: given }: PublicPackage): string[] {
  const { data, error } = manifest.safeParse(given);
  const problems =
    error?.issues.map(({ path, message }) => `package.json: ${path.join('.')}: ${message}`) ?? [];
  if (data === undefined) return problems;
  return data.repository.directory === folder
    ? []
    : [`package.json: repository.directory: is ${data.repository.directory}, the folder is ${folder}`];
}
