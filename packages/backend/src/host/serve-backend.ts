import { WebsslError } from '../webssl-error.js';
import { BackendServer } from './backend-server.js';
import { childChannel } from './child-channel.js';
import type { ServedBackend } from './served-backend.js';

/**
 * The whole of a worker entry file: answers the caller that started it, in a child process or in a worker thread, until
 * the caller closes the session, hangs up or dies.
 * @throws WebsslError `BACKEND_ENTRY_MISUSED` where the file was imported and not started by the host.
 */
export function serveBackend<Library>(backend: ServedBackend<Library>): void {
  const channel = childChannel();
  if (channel === undefined) {
    throw new WebsslError({
      code: 'BACKEND_ENTRY_MISUSED',
      message: 'This file is a worker entry: give its URL to openHostedSession instead of importing it.',
    });
  }
  new BackendServer(backend, channel).start();
}
