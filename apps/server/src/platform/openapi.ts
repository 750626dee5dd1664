import swagger from '@fastify/swagger'
import type { App } from './http.ts'
import { referencePage } from './reference-page.ts'

/** OpenAPI 3.1 made from the routes' own schemas: `/api/openapi.json`, and `/api` as a page to read. */
export async function openApi (app: App, version: string): Promise<void> {
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: { title: 'Oncekey', version, description: 'Access control for smart lockers and doors, opened by codes that work once.', license: { name: 'Apache-2.0', identifier: 'Apache-2.0' } },
      components: { securitySchemes: { session: { type: 'apiKey', in: 'cookie', name: 'oncekey', description: 'Set by POST /api/v1/sessions' } } }
    },
    transform ({ schema, url, route }) {
      const audience = route.config?.audience
      const described = { ...schema, ...(audience === undefined || audience === 'everybody' ? {} : { security: [{ session: [] }], description: [schema?.description, `For role ${audience} and above.`].filter(Boolean).join(' ') }) }
      return { schema: described, url }
    }
  })
  app.get('/api/openapi.json', { config: { audience: 'everybody' }, schema: { hide: true } }, async () => app.swagger())
  app.get('/api', { config: { audience: 'everybody' }, schema: { hide: true } }, async (_request, reply) => reply.type('text/html; charset=utf-8').send(referencePage(app.swagger())))
  app.get('/api/reference.css', { config: { audience: 'everybody' }, schema: { hide: true } }, async (_request, reply) => reply.type('text/css; charset=utf-8').send(referencePage.css))
}
