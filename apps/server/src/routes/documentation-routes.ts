import swagger from '@fastify/swagger';
import swaggerUi from '@fastify/swagger-ui';
import type { FastifyInstance, FastifyPluginAsync } from 'fastify';
import { jsonSchemaTransform } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { describeLimits, type ServerLimits } from '../limits/server-limits.js';
import { packageVersion } from '../package-folder.js';

/** Collects the schemas of all routes that are added after it; to be called first. */
export async function collectSchemas(
  app: FastifyInstance,
  { limits, needsKey }: { readonly limits: ServerLimits; readonly needsKey: boolean },
): Promise<void> {
  const openapi = {
    openapi: '3.1.0',
    info: {
      title: 'webssl server',
      description: `Features of images by Web-SSL vision encoders.\n\n${limitRows(limits)}`,
      version: packageVersion(),
    },
    'x-limits': describeLimits(limits),
    ...(needsKey
      ? {
          components: { securitySchemes: { key: { type: 'http' as const, scheme: 'bearer' } } },
          security: [{ key: [] }],
        }
      : {}),
  };
  await app.register(swagger, { openapi, transform: documentRoute });
}

/** For readers; `x-limits` has the same for programs. */
function limitRows(limits: ServerLimits): string {
  const rows = describeLimits(limits).map(
    ({ meaning, value, unit, status, flag }) =>
      `| ${meaning} | ${value} ${unit} | ${status ?? 'connection closed'} | \`${flag}\` |`,
  );
  return ['| Limit | Most | Answer beyond it | Set by |', '|---|---|---|---|', ...rows].join('\n');
}

/** `/openapi.json`, and `/docs` to browse it. */
export async function addDocumentationRoutes(app: FastifyInstance): Promise<void> {
  app.get('/openapi.json', { config: { isOpen: true }, schema: { hide: true } }, async (_request, reply) =>
    reply.type('application/json').send(JSON.stringify(app.swagger())),
  );
  const documentation: FastifyPluginAsync = async (scope) => {
    scope.addHook('onRoute', (route) => {
      route.config = { ...route.config, isOpen: true };
    });
    await scope.register(swaggerUi, {
      routePrefix: '/docs',
      staticCSP: contentSecurityPolicy,
      logo: { type: 'image/svg+xml', content: Buffer.from(logo) },
    });
  };
  await app.register(documentation);
}

/** In the place of the framework's own. */
const logo =
  '<svg xmlns="http://www.w3.org/2000/svg" width="120" height="40"><text y="28" font-family="sans-serif" font-size="24" fill="#fff">webssl</text></svg>';

/** Swagger UI sets styles from its script; nothing comes from elsewhere. */
const contentSecurityPolicy =
  "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; connect-src 'self'; form-action 'none'; base-uri 'none'; frame-ancestors 'none'";

type Transform = NonNullable<Parameters<typeof jsonSchemaTransform>[0]>;

/** The library's own, and bodies by media type, which it does not know. */
function documentRoute(input: Transform): ReturnType<typeof jsonSchemaTransform> {
  const { body, ...schema } = (input.schema ?? {}) as { readonly body?: unknown };
  const documented = jsonSchemaTransform({ ...input, schema });
  for (const [status, response] of Object.entries(documented.schema?.response ?? {})) {
    if (['429', '503'].includes(status)) Object.assign(response as object, { headers: retryAfter });
  }
  // What is answered without a key says so.
  const open = input.route.config?.isOpen === true ? { security: [] } : {};
  if (!isBodies(body)) return { ...documented, schema: { ...documented.schema, ...open } };
  const content = Object.fromEntries(
    Object.entries(body.content).map(([type, media]) => [type, { schema: jsonSchemaOf(media.schema) }]),
  );
  return { ...documented, schema: { ...documented.schema, body: { content } } };
}

const retryAfter = {
  'Retry-After': { type: 'integer', description: 'Seconds until it makes sense to try again' },
};

function isBodies(body: unknown): body is { readonly content: Record<string, { schema: z.ZodType }> } {
  return typeof body === 'object' && body !== null && 'content' in body;
}

function jsonSchemaOf(schema: z.ZodType): object {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' });
  return rest;
}
