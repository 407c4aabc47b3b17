import type { Terminal } from './terminal.js';

/** Tells once that a model is being compiled for an NPU, and shows the compiler's latest line while that goes on. */
export function compilerReporter(terminal: Terminal): (line: string) => void {
  let status: ReturnType<Terminal['showStatus']> | undefined;
  return (line) => {
    if (status === undefined) {
      terminal.note('Compiling the model for the NPU with atc; for the large models that takes minutes.');
      status = terminal.showStatus();
    }
    // The last line says how it ended; what comes next on the screen is no longer about compiling.
    if (/ATC run (?:success|failed)/.test(line)) status.stop();
    else status.update(() => `atc: ${line}`);
  };
}
