import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import type { ServerParts } from '../http/server-parts.js';
import { answered, openRefusals, usualRefusals } from '../schemas/responses.js';

const device = z.object({ name: z.string(), state: z.enum(['good', 'lost', 'retired']) });
const readiness = z.object({
  status: z.enum(['ready', 'not ready']),
  reason: z.string().optional(),
  devices: z.array(device),
});

const retrySeconds = 1;

/** `/livez`: the process answers. `/readyz`: a device computes. `/metrics`: for Prometheus. */
export function addHealthRoutes(app: FastifyInstance, { watch, metrics }: ServerParts): void {
  app.get(
    '/livez',
    {
      config: { isOpen: true },
      logLevel: 'silent',
      schema: {
        summary: 'Whether the process answers',
        tags: ['health'],
        response: { 200: answered('It does', z.object({ status: z.literal('alive') })), ...openRefusals() },
      },
    },
    async () => ({ status: 'alive' as const }),
  );
  app.get(
    '/readyz',
    {
      config: { isOpen: true },
      logLevel: 'silent',
      schema: {
        summary: 'Whether a device computes: requests make sense',
        tags: ['health'],
        response: {
          ...openRefusals(),
          200: answered('They do', readiness),
          503: answered('They do not; Retry-After says when to ask again', readiness),
        },
      },
    },
    async (_request, reply) => {
      const { ready, reason, devices } = watch.readiness;
      if (!ready) reply.code(503).header('retry-after', retrySeconds);
      return {
        status: ready ? ('ready' as const) : ('not ready' as const),
        ...(reason === undefined ? {} : { reason }),
        devices: [...devices],
      };
    },
  );
  app.get(
    '/metrics',
    {
      logLevel: 'silent',
      schema: {
        summary: 'Figures for Prometheus',
        tags: ['health'],
        response: { 200: answered('Text', z.string(), 'text/plain'), ...usualRefusals() },
      },
    },
    async (_request, reply) => reply.type(metrics.contentType).send(await metrics.text()),
  );
}
