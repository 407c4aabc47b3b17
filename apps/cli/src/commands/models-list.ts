import { formatBytes, formatPercent, hubOptions, type Terminal } from '@webssl/command-line';
import { type DerivedFile, listDerivedFiles, type PlanFile } from '@webssl/graph/quantization';
import { cacheFolder, catalogue, type ModelOnDisk, modelsOnDisk } from '@webssl/registry';
import { exitCode } from '../exit-code.js';
import { formatTable } from '../table.js';

export interface ListModelsOptions {
  readonly cacheDir?: string;
  readonly json: boolean;
}

/** `webssl models list`: the catalogue, every model on disk and everything that was derived from one, with their sizes. */
export async function listModels({ json, ...place }: ListModelsOptions, terminal: Terminal): Promise<number> {
  const onDisk = await modelsOnDisk(hubOptions(place));
  const derived = await listDerivedFiles(cacheFolder());
  const others = onDisk.filter(({ id }) => !catalogue().some((entry) => entry.id === id));
  if (json) {
    const models = catalogue().map((entry) => ({
      ...entry,
      onDisk: onDisk.filter(({ id }) => id === entry.id),
    }));
    terminal.result(JSON.stringify({ catalogue: models, others, derived }));
    return exitCode.success;
  }
  terminal.result(
    formatTable(
      ['model', 'layers', 'width', 'patch', 'input', 'tokens', 'parameters', 'size', 'on disk'],
      catalogue().map(({ id, config, tokens, parameters, bytes }) => [
        id,
        config.layers,
        config.hiddenSize,
        config.patchSize,
        config.imageSize,
        tokens,
        `${(parameters / 1e6).toFixed(0)} M`,
        formatBytes(bytes),
        describePlaces(onDisk.filter((place) => place.id === id)),
      ]),
    ),
  );
  if (others.length > 0) {
    terminal.result(
      `\n${formatTable(['other models on disk', 'revision', 'on disk'], others.map(describeOther))}`,
    );
  }
  if (derived.length > 0) {
    const columns = ['derived from', 'what', 'recipe', 'size', 'measured of plans'];
    terminal.result(`\n${formatTable(columns, derived.map(describeDerived))}`);
  }
  terminal.result(
    '\nLicence of all weights of the catalogue: CC-BY-NC-4.0 (no commercial use). Synthetic weights: random:<model>',
  );
  return exitCode.success;
}

function describePlaces(places: readonly ModelOnDisk[]): string {
  if (places.length === 0) return 'no';
  const bytes = places.reduce((total, place) => total + place.bytes, 0);
  // Belongs to the repository, so it is the same for each of its revisions.
  const [{ partialBytes } = { partialBytes: 0 }] = places;
  const partial = partialBytes === 0 ? '' : ` + ${formatBytes(partialBytes)} unfinished`;
  const revisions = places.length === 1 ? '' : `, ${places.length} revisions`;
  const unfinished = places.some((place) => place.missing.length === 0) ? '' : ', not whole';
  return `${formatBytes(bytes)}${partial}${revisions}${unfinished}`;
}

function describeOther(place: ModelOnDisk): readonly string[] {
  return [place.id, place.commit?.slice(0, 12) ?? '-', describePlaces([place])];
}

/** The recipe is what features name that were computed with these weights, or by this plan. */
function describeDerived(derived: DerivedFile): readonly string[] {
  const { model, kind, recipe, bytes } = derived;
  return [model, kind, recipe, formatBytes(bytes), kind === 'plan' ? describePlan(derived) : '-'];
}

function describePlan({ size: { height, width }, bound, measured: { nmse, clsNmse } }: PlanFile): string {
  return `${height}x${width}, NMSE ${formatPercent(nmse)}, CLS ${formatPercent(clsNmse)}, bound ${formatPercent(bound)}`;
}
