import { serveBackend } from '@webssl/backend/host';
import { loadRuntime } from './load-runtime.js';
import { openSession } from './open-session.js';
import { probeCpu } from './probe-cpu.js';

serveBackend({ load: loadRuntime, probe: probeCpu, open: openSession });
