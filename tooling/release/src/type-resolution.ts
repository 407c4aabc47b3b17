import { checkPackage, createPackageFromTarballData, type Problem } from '@arethetypeswrong/core';
import { problemAffectsResolutionKind } from '@arethetypeswrong/core/problems';

/** How TypeScript looks for an ESM package; CommonJS and what is older than `exports` is not supported (docs/first-embedding.md). */
const resolutions = ['node16-esm', 'bundler'] as const;

/**
 * What "Are the types wrong?" finds in a packed package, as its profile `esm-only` looks: a line each.
 *
 * @see https://arethetypeswrong.github.io
 */
export async function typeProblems(tarball: Uint8Array): Promise<string[]> {
  const analysis = await checkPackage(createPackageFromTarballData(tarball));
  if (analysis.types === false) return [];
  const problems = analysis.problems.filter((problem) =>
    resolutions.some((resolution) => problemAffectsResolutionKind(problem, resolution, analysis)),
  );
  return problems.map((problem) => `types: ${describe(problem)}`);
}

function describe({ kind, ...where }: Problem): string {
  return `${kind} ${JSON.stringify(where)}`;
}
