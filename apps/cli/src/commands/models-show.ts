import { WebsslError } from '@webssl/backend';
import { formatBytes, hubOptions, type Terminal } from '@webssl/command-line';
import {
  type CatalogueEntry,
  findCatalogueEntry,
  type LocatedModel,
  locateModel,
  type ModelOnDisk,
  modelsOnDisk,
} from '@webssl/registry';
import { exitCode } from '../exit-code.js';

export interface ShowModelOptions {
  readonly revision?: string;
  readonly cacheDir?: string;
  readonly json?: boolean;
}

/** `webssl models show`: everything known about one model. */
export async function showModel(
  reference: string,
  { json, ...place }: ShowModelOptions,
  terminal: Terminal,
): Promise<number> {
  const located = await locateModel(reference, hubOptions(place));
  const entry = findCatalogueEntry(reference.replace(/^random:/, '').replace(/@\d+$/, ''));
  if (json) {
    terminal.result(JSON.stringify({ ...(entry ?? {}), onDisk: located ?? null }));
  } else {
    if (entry !== undefined) terminal.result(describe(entry));
    terminal.result(describePlace(located));
    if (located === undefined) {
      for (const other of await otherRevisions(reference, place))
        terminal.result(`${'other revision'.padEnd(14)}  ${other.commit} (${formatBytes(other.bytes)})`);
    }
  }
  return exitCode.success;
}

/** `webssl models path`: the checkpoint folder, alone on stdout. */
export async function printModelPath(
  reference: string,
  place: ShowModelOptions,
  terminal: Terminal,
): Promise<number> {
  const located = await locateModel(reference, hubOptions(place));
  if (located === undefined) {
    const others = (await otherRevisions(reference, place)).map(({ commit }) => commit);
    const asked = place.revision === undefined ? reference : `${reference} --revision ${place.revision}`;
    const fetching = reference.startsWith('random:')
      ? `'webssl embed --model ${reference}' writes it.`
      : `'webssl models pull ${asked}' fetches it.`;
    const advice = others.length === 0 ? '' : ` On disk are the revisions ${others.join(', ')}.`;
    throw new WebsslError({
      code: 'MODEL_NOT_ON_DISK',
      message: `${asked} is not on disk, or not whole. ${fetching}${advice}`,
    });
  }
  terminal.result(located.folder);
  return exitCode.success;
}

async function otherRevisions(reference: string, place: ShowModelOptions): Promise<readonly ModelOnDisk[]> {
  const id = findCatalogueEntry(reference)?.id ?? reference;
  const onDisk = await modelsOnDisk(hubOptions(place));
  return onDisk.filter((model) => model.id === id && model.missing.length === 0);
}

function describe(entry: CatalogueEntry): string {
  const { config } = entry;
  const rows: [string, string][] = [
    ['model', entry.id],
    ['family', `${entry.family} (${config.modelType})`],
    [
      'architecture',
      `${config.layers} layers, width ${config.hiddenSize}, ${config.heads} heads, ${config.feedForward} ${config.feedForwardSize}`,
    ],
    [
      'input',
      `${config.imageSize} x ${config.imageSize} pixels, patch ${config.patchSize}, ${entry.tokens} tokens`,
    ],
    ['parameters', `${entry.parameters} in ${entry.tensors} tensors`],
    [
      'size',
      `${formatBytes(entry.bytes)} (${entry.bytes} bytes, ${entry.files} ${entry.files === 1 ? 'file' : 'files'})`,
    ],
    ['trained on', entry.trainingData],
    ['licence', `${entry.license} (no commercial use)`],
    ['revision', entry.revision],
    ...entry.unconfirmed.map((note): [string, string] => ['not confirmed', note]),
  ];
  return rows.map(([name, value]) => `${name.padEnd(14)}${value}`).join('\n');
}

function describePlace(located: LocatedModel | undefined): string {
  if (located === undefined) return `${'on disk'.padEnd(14)}no`;
  return `${'on disk'.padEnd(14)}${located.folder} (${formatBytes(located.bytes)})`;
}
