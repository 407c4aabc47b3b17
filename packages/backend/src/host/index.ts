export type { ServedDevice } from './messages.js';
export { type HostedSessionOptions, openHostedSession } from './open-hosted-session.js';
export { type ProbeOptions, probeInChild } from './probe-in-child.js';
export { serveBackend } from './serve-backend.js';
export type { NativeCall, ServedBackend, ServedRun, ServedSession } from './served-backend.js';
