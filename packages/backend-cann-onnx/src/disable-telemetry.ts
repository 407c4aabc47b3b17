/**
 * Keeps ONNX Runtime from reporting its use: its Linux builds write a device id to the home folder and send events to a server of their
 * maker unless this variable is set. Who wants that sets `ORT_DISABLE_TELEMETRY=0`.
 *
 * The library reads the environment of the process: a worker thread has only a copy of it, so for a session in a thread
 * this is called in the thread that starts it.
 */
export function disableTelemetry(): void {
  process.env['ORT_DISABLE_TELEMETRY'] ??= '1';
}
