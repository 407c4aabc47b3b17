import { serveBackend } from '@webssl/backend/host';
import { disableTelemetry } from './disable-telemetry.js';
import { openSession } from './open-session.js';
import { probe } from './probe.js';

serveBackend({
  // Which library to load is in the setup of the opening or the probe.
  async load() {
    disableTelemetry();
  },
  probe: (_library, setup) => probe(setup),
  open: (_library, setup, nativeCall) => openSession(setup, nativeCall),
});
