import fastify, { type RouteOptions } from 'fastify'
import { isForKeys, type App } from './http.ts'
import { referencePage } from './reference-page.ts'

/**
 * OpenAPI 3.1 made from the routes' own schemas: `/api/openapi.json`, and `/api` as a page to read. It is written when
 * somebody first asks: what writes it takes megabytes that an idle server has no use for.
 */
export function openApi (app: App, version: string): void {
  const routes: RouteOptions[] = []
  app.addHook('onRoute', (route) => { routes.push(route) })
  let document: Promise<object> | undefined
  const written = (): Promise<object> => document ??= write(routes, version)
  app.get('/api/openapi.json', { config: { audience: 'everybody' }, schema: { hide: true } }, written)
  app.get('/api', { config: { audience: 'everybody' }, schema: { hide: true } }, async (_request, reply) => reply.type('text/html; charset=utf-8').send(referencePage(await written())))
  app.get('/api/reference.css', { config: { audience: 'everybody' }, schema: { hide: true } }, async (_request, reply) => reply.type('text/css; charset=utf-8').send(referencePage.css))
}

/** By a second app, which serves nothing: the writer collects routes while they are added, and ours are by now. */
async function write (routes: readonly RouteOptions[], version: string): Promise<object> {
  const { default: swagger } = await import('@fastify/swagger')
  const writer = fastify({ exposeHeadRoutes: false })
  await writer.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: { title: 'Oncekey', version, description: 'Access control for smart lockers and doors, opened by codes that work once.', license: { name: 'Apache-2.0', identifier: 'Apache-2.0' } },
      components: { securitySchemes: { session: { type: 'apiKey', in: 'cookie', name: 'oncekey', description: 'Set by POST /api/v1/sessions; over TLS its name is __Host-oncekey' }, apiKey: { type: 'http', scheme: 'bearer', description: 'A key that owners and administrators make: POST /api/v1/api-keys' } } }
    },
    transform ({ schema, url, route }) {
      const audience = route.config?.audience
      if (audience === undefined || audience === 'everybody') return { schema, url }
      const whom = isForKeys(audience) ? `For API keys with the scope ${audience.slice(4)}.` : `For role ${audience} and above.`
      return { schema: { ...schema, security: [isForKeys(audience) ? { apiKey: [] } : { session: [] }], description: [schema?.description, whom].filter(Boolean).join(' ') }, url }
    }
  })
  for (const { method, url, schema, config } of routes) {
    if (method === 'HEAD') continue
    writer.route({ method, url, ...schema !== undefined && { schema }, ...config !== undefined && { config }, validatorCompiler: () => () => true, serializerCompiler: () => () => '', handler: () => '' })
  }
  await writer.ready()
  const document = writer.swagger()
  await writer.close()
  return document
}
