import { serveBackend } from '@webssl/backend/host';
import { loadKoffi } from './load-koffi.js';
import { openSession } from './open-session.js';
import { probeDevices } from './probe-devices.js';

serveBackend({ load: loadKoffi, probe: probeDevices, open: openSession });
