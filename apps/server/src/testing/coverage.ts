import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import type { App, Audience } from '../platform/http.ts'
import { beside, type Permission } from './permissions.ts'

/** The part of an OpenAPI document that says which operations there are. */
export type ApiDocument = { paths: Record<string, Record<string, { summary?: string }>> }

/** A route as it was registered, whether the document lists it or not; the path with `{id}` for a parameter, `answers`: their schemas. */
export type RegisteredRoute = { call: string, audience: Audience | undefined, asksProof?: boolean, answers?: readonly unknown[] }

/** Builds something with servers in it and notes every route that is registered meanwhile. */
export async function noteRoutes<Built> (build: () => Promise<Built>): Promise<{ built: Built, routes: RegisteredRoute[] }> {
  const routes: RegisteredRoute[] = []
  const note = (message: unknown): void => {
    // Fastify's own channel hands every new server over before it has routes; its type is not declared anywhere.
    const { fastify: app } = message as { fastify: App }
    app.addHook('onRoute', ({ method, url, config, schema }) => {
      for (const one of [method].flat()) routes.push({ call: `${one} ${url.replace(/:(\w+)/g, '{$1}')}`, audience: config?.audience, asksProof: config?.needsProof !== undefined, answers: Object.values(schema?.response ?? {}) })
    })
  }
  subscribe('fastify.initialization', note)
  try {
    return { built: await build(), routes }
  } finally {
    unsubscribe('fastify.initialization', note)
  }
}

/** `GET /path` of every operation in the document. */
export function operationsOf (document: ApiDocument): string[] {
  return Object.entries(document.paths).flatMap(([path, item]) => Object.keys(item).map((method) => `${method.toUpperCase()} ${path}`))
}

/** What the table, the document and the server do not agree on, a sentence each; none when the table covers everything. */
export function gaps ({ document, routes, table }: { document: ApiDocument, routes: readonly RegisteredRoute[], table: readonly Permission[] }): string[] {
  const documented = new Set(operationsOf(document))
  const registered = new Map(routes.map((one) => [one.call, one.audience]))
  const asking = new Set(routes.filter((one) => one.asksProof === true).map((one) => one.call))
  const listed = new Map<string, Audience>(table.map((one) => [one.call, one.from]))
  const found: string[] = []
  if (listed.size !== table.length) found.push('The table has an operation twice.')
  for (const call of documented) if (!listed.has(call)) found.push(`${call} is in OpenAPI, but not in the table of permissions.`)
  for (const [call, from] of listed) {
    if (!documented.has(call)) found.push(`${call} is in the table of permissions, but not in OpenAPI.`)
    else if (registered.get(call) !== from) found.push(`${call} is for ${registered.get(call) ?? 'nobody'}, but the table of permissions says ${from}.`)
  }
  for (const { call, asksProof } of table) {
    if (asking.has(call) !== (asksProof !== undefined)) found.push(`${call} ${asking.has(call) ? 'asks' : 'does not ask'} for a proof, but the table of permissions says otherwise.`)
  }
  for (const [call, audience] of registered) {
    const [method = '', path = ''] = call.split(' ')
    if (method === 'HEAD') {
      if (registered.get(`GET ${path}`) !== audience) found.push(`${call} is not for whom GET is.`)
    } else if (!documented.has(call) && !beside.includes(call)) {
      if (path === '/api' || path.startsWith('/api/')) found.push(`${call} is under /api, but not in OpenAPI.`)
      else if (audience !== 'everybody') found.push(`${call} is not for everybody, but not in OpenAPI either.`)
    }
  }
  return found
}
