import { existsSync } from 'node:fs';
import { join } from 'node:path';
import fastifyStatic from '@fastify/static';
import type { FastifyInstance, FastifyPluginAsync } from 'fastify';
import { packageFolder } from '../package-folder.js';

/** `/` and its files: the page that shows features in a browser. Needs no key; what it asks for does. */
export async function addPageRoutes(app: FastifyInstance): Promise<void> {
  const root = join(packageFolder, 'dist', 'page');
  if (!existsSync(root)) {
    app.log.warn(`there is no page: ${root} was not built`);
    return;
  }
  const page: FastifyPluginAsync = async (scope) => {
    scope.addHook('onRoute', (route) => {
      route.config = { ...route.config, isOpen: true };
      route.schema = { ...route.schema, hide: true };
    });
    await scope.register(fastifyStatic, { root, wildcard: false, cacheControl: false });
  };
  await app.register(page);
}
