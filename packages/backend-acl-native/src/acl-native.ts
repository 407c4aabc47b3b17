import {
  type Backend,
  type DeviceReport,
  type ModelSource,
  type OpenOptions,
  WebsslError,
} from '@webssl/backend';
import { exportedFile, openHostedSession } from '@webssl/backend/host';
import type { AclNativeOptions } from './acl-native-options.js';
import { type AskedLibrary, askDevices, socOf } from './ask-library.js';
import { checkOptions } from './check-options.js';
import { type OfflinePrecision, offlinePrecisions } from './compile/manifest.js';
import { offlineModelFor } from './compile/offline-model-for.js';
import { failedReport } from './failed-report.js';
import type { SessionSetup } from './session-setup.js';
import { platformProblem } from './supported-platform.js';

const id = 'acl-native';
const defaultBatchSizes = [1, 4, 8, 16];
const defaultDeadline = 60_000;
/** Loading a model reads its file twice, and from a slow disk. */
const defaultOpenDeadline = 600_000;
const longestProbe = 30_000;
/**
 * How much longer than the session itself its caller waits for a silent device: the session knows more to say of it. A call that
 * never comes back is noticed by the caller alone.
 */
const callerPatience = 2000;

/**
 * The backend that runs offline models (.om) on an Ascend NPU through AscendCL. Importing it loads no native code: that happens in
 * the session's own process or thread.
 * @throws WebsslError `BACKEND_OPTION_INVALID` for an option out of range.
 */
export function aclNative(options: AclNativeOptions = {}): Backend {
  checkOptions(options);
  const {
    device = 0,
    batchSizes = defaultBatchSizes,
    deadlineMilliseconds = defaultDeadline,
    openDeadlineMilliseconds = defaultOpenDeadline,
    workerEntry = exportedFile('@webssl/backend-acl-native/worker', import.meta.url, 'workerEntry'),
  } = options;
  const asked: AskedLibrary = {
    workerEntry,
    library: options.library,
    deadlineMilliseconds: Math.min(longestProbe, openDeadlineMilliseconds),
  };

  async function probe(): Promise<DeviceReport> {
    const problem = platformProblem();
    if (problem !== undefined) {
      const { errorDetails: _, ...report } = failedReport(problem);
      return report;
    }
    return askDevices(asked);
  }

  async function sessionSetup(
    model: ModelSource,
    open: OpenOptions,
    precision: OfflinePrecision,
  ): Promise<SessionSetup> {
    const { cacheFolder, compiler, offlineModel, onCompilerLine } = options;
    const { folder, manifest } = await offlineModelFor(model, {
      size: open.size,
      outputs: open.outputs,
      tokens: open.tokens ?? 'all',
      precision,
      soc: await socOf(asked),
      batchSizes,
      ...(cacheFolder !== undefined && { cacheFolder }),
      ...(compiler !== undefined && { compiler }),
      ...(offlineModel !== undefined && { offlineModel }),
      ...(onCompilerLine && { onCompilerLine }),
      ...(open.signal && { signal: open.signal }),
    });
    return { library: options.library, device, folder, manifest, deadlineMilliseconds };
  }

  return {
    specificationVersion: 'v1',
    id,
    probe,
    async open(model, open) {
      const precision = checkPrecision(open);
      const problem = platformProblem();
      if (problem !== undefined) throw problem;
      return openHostedSession({
        backend: id,
        entry: workerEntry,
        isolation: open.isolation ?? options.isolation ?? 'process',
        setup: () => sessionSetup(model, open, precision),
        open,
        deadlineMilliseconds: deadlineMilliseconds + callerPatience,
        openDeadlineMilliseconds,
      });
    },
  };
}

function checkPrecision({ precision = 'fp32' }: OpenOptions): OfflinePrecision {
  const known = offlinePrecisions.find((offered) => offered === precision);
  if (known !== undefined) return known;
  throw new WebsslError({
    code: 'BACKEND_PRECISION_UNSUPPORTED',
    message: `The backend acl-native computes in ${offlinePrecisions.join(', ')}, not in '${precision}'.`,
    details: { precision, supported: [...offlinePrecisions] },
  });
}
