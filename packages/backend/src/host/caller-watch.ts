import { Worker } from 'node:worker_threads';

/** The variable that tells a child process which process it serves. */
export const callerVariable = 'WEBSSL_CALLER';

const lookMilliseconds = 1000;
/** What a child has to free its device by itself, when it hears that its caller has gone. */
const patienceMilliseconds = 5000;

/** Runs in a thread of its own: the main thread may be in a native call that never comes back. */
const program = `
const { workerData } = require('node:worker_threads');
const watch = setInterval(() => {
  if (process.ppid === workerData.caller) return;
  clearInterval(watch);
  setTimeout(() => process.kill(process.pid, 'SIGKILL'), workerData.patience);
}, workerData.look);`;

/** Ends this process some seconds after the process that started it is gone, whatever its main thread is doing. */
export function endWithCaller(): void {
  const caller = Number(process.env[callerVariable]);
  if (!Number.isSafeInteger(caller)) return;
  new Worker(program, {
    eval: true,
    workerData: { caller, look: lookMilliseconds, patience: patienceMilliseconds },
    resourceLimits: { maxOldGenerationSizeMb: 8, maxYoungGenerationSizeMb: 2 },
  }).unref();
}
