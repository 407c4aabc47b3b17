import { WebsslError } from '@webssl/backend';
import {
  type CatalogueEntry,
  catalogue,
  findCatalogueEntry,
  type LocatedModel,
  locateModel,
} from '@webssl/registry';
import { exitCode } from '../exit-code.js';
import { formatBytes, formatTable } from '../table.js';
import type { Terminal } from '../terminal.js';

/** `webssl models list`: the catalogue, and which of it is on disk. */
export async function listModels({ json }: { readonly json: boolean }, terminal: Terminal): Promise<number> {
  const models = await Promise.all(
    catalogue().map(async (entry) => ({ entry, located: await locateModel(entry.id) })),
  );
  if (json) {
    terminal.result(
      JSON.stringify(models.map(({ entry, located }) => ({ ...entry, onDisk: located ?? null }))),
    );
    return exitCode.success;
  }
  terminal.result(
    formatTable(
      ['model', 'layers', 'width', 'patch', 'input', 'tokens', 'parameters', 'size', 'on disk'],
      models.map(({ entry: { id, config, tokens, parameters, bytes }, located }) => [
        id,
        config.layers,
        config.hiddenSize,
        config.patchSize,
        config.imageSize,
        tokens,
        `${(parameters / 1e6).toFixed(0)} M`,
        formatBytes(bytes),
        located === undefined ? 'no' : 'yes',
      ]),
    ),
  );
  terminal.result(
    '\nLicence of all weights: CC-BY-NC-4.0 (no commercial use). Synthetic weights: random:<model>',
  );
  return exitCode.success;
}

/** `webssl models show`: everything known about one model. */
export async function showModel(
  reference: string,
  { json }: { readonly json: boolean },
  terminal: Terminal,
): Promise<number> {
  const located = await locateModel(reference);
  const entry = findCatalogueEntry(reference.replace(/^random:/, '').replace(/@\d+$/, ''));
  if (json) {
    terminal.result(JSON.stringify({ ...(entry ?? {}), onDisk: located ?? null }));
  } else {
    if (entry !== undefined) terminal.result(describe(entry));
    terminal.result(describePlace(located));
  }
  return exitCode.success;
}

/** `webssl models path`: the checkpoint folder, alone on stdout. */
export async function printModelPath(reference: string, terminal: Terminal): Promise<number> {
  const located = await locateModel(reference);
  if (located === undefined) {
    throw new WebsslError({
      code: 'MODEL_NOT_ON_DISK',
      message: `${reference} is not on disk. Download it ('hf download <id>') or give the folder that holds its config.json, preprocessor_config.json and safetensors files. For synthetic weights: random:<id>.`,
    });
  }
  terminal.result(located.folder);
  return exitCode.success;
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
