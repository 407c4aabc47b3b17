import { serveBackend } from '@webssl/backend/host';
import { loadOwnRuntime } from './load-runtime.js';
import { openSession } from './open-session.js';
import { probeCpu } from './probe-cpu.js';

serveBackend({ load: () => loadOwnRuntime(), probe: probeCpu, open: openSession });
