import type { FastifyInstance } from 'fastify';
import type { ServerParts } from '../http/server-parts.js';
import { modelsAnswer } from '../schemas/answers.js';
import { answered, usualRefusals } from '../schemas/responses.js';

/** `GET /v1/models`: the one model that is served, as clients of the OpenAI API ask for it. */
export function addModelRoutes(app: FastifyInstance, { settings }: ServerParts): void {
  const created = Math.floor(Date.now() / 1000);
  app.get(
    '/v1/models',
    {
      schema: {
        summary: 'The served model',
        tags: ['server'],
        response: { 200: answered('The model', modelsAnswer), ...usualRefusals() },
      },
    },
    async () => ({
      object: 'list' as const,
      data: [{ id: settings.modelName, object: 'model' as const, created, owned_by: 'webssl' }],
    }),
  );
}
