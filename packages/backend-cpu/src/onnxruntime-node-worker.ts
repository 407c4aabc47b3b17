import { serveBackend } from '@webssl/backend/host';
import { loadOnnxruntimeNode } from './load-runtime.js';
import { openSession } from './open-session.js';
import { probeCpu } from './probe-cpu.js';

serveBackend({ load: () => loadOnnxruntimeNode(), probe: probeCpu, open: openSession });
