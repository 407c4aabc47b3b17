import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { formatTable } from '@webssl-tooling/text-table';
import { type CheckedPackage, checkPackage } from './check-packages.js';
import { publicPackages, repository } from './public-packages.js';
import { plannedReleases } from './release-plan.js';

const help = `Usage: npm run check:packages    every public package as it would be published, with its size
       npm run release:dry       the same, and what a release would publish`;

/** Packing is a process, checking is this one: two at a time keep both busy. */
const atOnce = 2;

async function checkAll(): Promise<CheckedPackage[]> {
  const path = join(repository, 'tooling', 'release', 'size-bounds.json');
  const bounds: Record<string, number> = JSON.parse(await readFile(path, 'utf8'));
  const waiting = await publicPackages();
  const checked: CheckedPackage[] = [];
  const work = async () => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift())
      checked.push(await checkPackage(next, bounds));
  };
  await Promise.all(Array.from({ length: atOnce }, work));
  return checked.sort((one, other) => one.name.localeCompare(other.name));
}

function kilobytes(bytes: number): string {
  return `${(bytes / 1000).toFixed(0)} kB`;
}

async function main(command: string | undefined): Promise<number> {
  if (command !== 'check' && command !== 'dry') {
    console.error(help);
    return 2;
  }
  const checked = await checkAll();
  const releases = command === 'dry' ? await plannedReleases() : [];
  const newVersions = new Map(releases.map(({ name, newVersion }) => [name, newVersion]));

  console.log(
    formatTable(
      ['package', 'version', ...(command === 'dry' ? ['goes out as'] : []), 'files', 'packed', 'unpacked'],
      checked.map(({ name, version, files, packedBytes, unpackedBytes }) => [
        name,
        version,
        ...(command === 'dry' ? [newVersions.get(name) ?? `(${version})`] : []),
        String(files),
        kilobytes(packedBytes),
        kilobytes(unpackedBytes),
      ]),
      'figures',
    ),
  );
  if (command === 'dry') {
    for (const { name, oldVersion, newVersion, summaries } of releases) {
      console.log(`\n${name} ${oldVersion} -> ${newVersion}`);
      for (const summary of summaries) console.log(`  ${summary}`);
    }
    const same = checked.filter(({ name }) => !newVersions.has(name)).map(({ name }) => name);
    if (same.length > 0)
      console.log(`\nOnly where the registry does not have this version yet: ${same.join(', ')}`);
    console.log('\nNothing was published or changed.');
  }

  const problems = checked.flatMap(({ name, problems: some }) =>
    some.map((problem) => `${name}: ${problem}`),
  );
  for (const problem of problems) console.error(problem);
  console.log(`\n${checked.length} public packages, ${problems.length} problems`);
  return problems.length === 0 ? 0 : 1;
}

process.exitCode = await main(process.argv[2]);
