import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import fastifyStatic from '@fastify/static'
import type { House } from '../house.ts'
import type { App } from './http.ts'
import { Problem } from './problems.ts'

/**
 * The web app: its files, and its page for every address that is none of the API's; doors have a page of their own.
 * `/` answers a browser with the page and everything else with metadata.
 */
export async function webRoutes (app: App, house: House): Promise<void> {
  if (existsSync(house.config.webDir)) {
    await app.register(fastifyStatic, {
      root: house.config.webDir,
      serve: false,
      preCompressed: true,
      cacheControl: false,
      setHeaders (reply, path) {
        // Names under assets/ carry a hash of their content.
        reply.header('cache-control', path.includes('/assets/') ? 'public, max-age=31536000, immutable' : 'no-cache')
      }
    })
    // A file that does not exist goes on to the not-found handler below.
    app.get('/*', { config: { audience: 'everybody' }, schema: { hide: true } }, async (request, reply) => reply.sendFile(request.url.split('?')[0] ?? '/'))
  }
  const pages = new Map<string, string>()
  const pageAt = (url: string): string => {
    const name = url.startsWith('/door/') ? 'door.html' : 'index.html'
    const known = pages.get(name)
    if (known !== undefined) return known
    const file = join(house.config.webDir, name)
    if (!existsSync(file)) throw new Problem('defect', { detail: 'The web app is not built. Run `npm run prepare`.' })
    const base = (URL.parse(house.config.publicUrl ?? '')?.pathname ?? '/').replace(/\/?$/, '/')
    const page = readFileSync(file, 'utf8').replace('<base href="/">', `<base href="${base}">`)
    pages.set(name, page)
    return page
  }

  app.get('/', { config: { audience: 'everybody' }, schema: { tags: ['health'], summary: 'Home page for browsers, metadata for programs' } }, async (request, reply) => {
    if (wantsPage(request.headers.accept)) return reply.type('text/html; charset=utf-8').header('cache-control', 'no-cache').send(pageAt('/'))
    return { name: 'Oncekey', version: house.version, api: '/api/v1', openapi: '/api/openapi.json', documentation: '/api', health: '/health' }
  })
  app.setNotFoundHandler(async (request, reply) => {
    if (request.method !== 'GET' || request.url.startsWith('/api/') || request.url.startsWith('/assets/') || !wantsPage(request.headers.accept)) throw new Problem('notFound')
    return reply.type('text/html; charset=utf-8').header('cache-control', 'no-cache').send(pageAt(request.url))
  })
}

function wantsPage (accept: string | undefined): boolean {
  return accept?.includes('text/html') === true
}
