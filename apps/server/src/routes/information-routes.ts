import type { FastifyInstance } from 'fastify';
import type { z } from 'zod';
import type { ServerParts } from '../http/server-parts.js';
import { describeLimits } from '../limits/server-limits.js';
import { packageVersion } from '../package-folder.js';
import { infoAnswer } from '../schemas/info-answer.js';
import { answered, usualRefusals } from '../schemas/responses.js';

/** `GET /info`: everything that a client may want to know before it asks, and what happens now. */
export function addInformationRoutes(app: FastifyInstance, parts: ServerParts): void {
  const version = packageVersion();
  app.get(
    '/info',
    {
      schema: {
        summary: 'Model, device, processing, limits',
        tags: ['server'],
        response: { 200: answered('What this server is', infoAnswer), ...usualRefusals() },
      },
    },
    async () => information(parts, version),
  );
}

function information(
  { encoder, settings, apiKeys, remoteImages }: ServerParts,
  version: string,
): z.input<typeof infoAnswer> {
  const { model, processor, size } = encoder.info;
  const { waiting, preparing, prepared, running, held, itemsPerSecond } = encoder.queue;
  return {
    version,
    model: {
      id: settings.modelName,
      ...(model.revision === undefined ? {} : { revision: model.revision }),
      synthetic: model.synthetic,
      architecture: model.architecture,
      layers: model.layers,
      heads: model.heads,
      width: model.hiddenSize,
      patchSize: model.patchSize,
      weightType: model.weightType,
      weightBytes: model.weightBytes,
    },
    image: { size: { ...size }, processor, ...settings.preparation },
    features: {
      default: settings.feature,
      normalize: settings.normalize,
      ...(settings.servedFeatures === undefined ? {} : { served: [...settings.servedFeatures] }),
    },
    devices: encoder.deviceStates.flatMap(({ device, state }) => {
      if (device === undefined) return [];
      const { backend, name, precision, library, isolation, index } = device;
      return [
        { backend, name, precision, library, isolation, state, ...(index === undefined ? {} : { index }) },
      ];
    }),
    queue: {
      waiting,
      preparing,
      prepared,
      running,
      bytes: held.bytes,
      ...(itemsPerSecond === undefined ? {} : { imagesPerSecond: itemsPerSecond }),
    },
    limits: describeLimits(settings.limits),
    authentication: apiKeys !== undefined,
    ...(settings.imagesPerMinute === undefined ? {} : { imagesPerMinute: settings.imagesPerMinute }),
    urls: remoteImages !== undefined,
  };
}
