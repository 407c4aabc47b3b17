import { WebsslError } from '@webssl/backend';
import { formatBytes, type HubOptions, hubOptions, PullReporter, type Terminal } from '@webssl/command-line';
import {
  modelsOnDisk,
  repairModel,
  type VerifiedFile,
  type VerifiedModel,
  verifyModel,
} from '@webssl/registry';
import { exitCode } from '../exit-code.js';

export interface VerifyModelOptions extends HubOptions {
  readonly repair: boolean;
  readonly json: boolean;
}

/** `webssl models verify`: hashes what is on disk again. Fails when a file is damaged, missing or cannot be checked. */
export async function verifyModels(
  reference: string | undefined,
  { repair, json, ...options }: VerifyModelOptions,
  terminal: Terminal,
  signal: AbortSignal,
): Promise<number> {
  if (reference === undefined && options.revision !== undefined) {
    throw new WebsslError({
      code: 'MODEL_REVISION_INVALID',
      message: `Name the model whose revision ${options.revision} is meant; without a model everything on disk is verified.`,
    });
  }
  const place = hubOptions(options);
  const targets = reference === undefined ? await allOnDisk(place) : [{ reference, ...place }];
  if (targets.length === 0) terminal.note('No model of the hub is on disk.');
  let allGood = true;
  for (const { reference: model, ...where } of targets) {
    const status = terminal.showStatus();
    const check = () =>
      verifyModel(model, {
        ...place,
        ...where,
        signal,
        onProgress: ({ path, readBytes, totalBytes }) =>
          status.update(() => `Verifying ${path} ${formatBytes(readBytes)} of ${formatBytes(totalBytes)}`),
      }).finally(() => status.stop());
    let verified = await check();
    if (repair && !isGood(verified)) {
      report(verified, json, terminal);
      const reporter = new PullReporter(terminal);
      await repairModel(verified, { ...place, ...where, signal, onPull: reporter.report }).finally(() =>
        reporter.stop(),
      );
      verified = await check();
    }
    report(verified, json, terminal);
    allGood &&= isGood(verified);
  }
  return allGood ? exitCode.success : exitCode.failure;
}

async function allOnDisk(
  place: ReturnType<typeof hubOptions>,
): Promise<readonly { readonly reference: string; readonly revision?: string }[]> {
  const models = await modelsOnDisk(place);
  return models.flatMap(({ id, commit }) =>
    commit === undefined ? [] : [{ reference: id, revision: commit }],
  );
}

function isGood({ files }: VerifiedModel): boolean {
  return files.every(({ state }) => state === 'good');
}

function report(verified: VerifiedModel, json: boolean, terminal: Terminal): void {
  if (json) {
    terminal.result(JSON.stringify(verified));
    return;
  }
  terminal.result(`${verified.id} at ${verified.commit}`);
  for (const file of verified.files) terminal.result(`  ${describe(file)}`);
}

function describe({ path, bytes, state, expected, actual }: VerifiedFile): string {
  const name = `${state.padEnd(8)} ${path}`;
  switch (state) {
    case 'good':
      return `${name} (${formatBytes(bytes ?? 0)}, ${expected})`;
    case 'damaged':
      return `${name}: expected ${expected}, got ${actual}; --repair fetches it again`;
    case 'missing':
      return `${name}: --repair fetches it`;
    case 'unknown':
      return `${name}: nothing on this disk says what it should hash to`;
  }
}
