/** Requests for every route of the served OpenAPI document, and what an answer to them must look like. */
import { problems } from '@oncekey/protocol/problems'
import { Ajv2020 } from 'ajv/dist/2020.js'
import type { ValidateFunction } from 'ajv'
import addFormats from 'ajv-formats'
import type { Dice } from './seed.ts'
import { fitting, nearly, wild, type Known, type Schema } from './shapes.ts'

export const roles = ['nobody', 'maya', 'otto', 'adam', 'olga', 'program'] as const
export type RequestCase = { role: (typeof roles)[number], method: string, url: string, headers: Record<string, string>, payload: string | null }
export type Answer = { status: number, headers: Record<string, unknown>, body: string }

type Operation = { method: string, path: string, parameters: { name: string, in: string, schema: Schema }[], body: Schema | null, responses: Map<number, ValidateFunction | null> }
export type Routes = { operations: Operation[], make: (random: Dice, known: Known) => RequestCase, faultOf: (asked: RequestCase, answer: Answer) => string | null }

type Document = { paths: Record<string, Record<string, {
  parameters?: Operation['parameters'], requestBody?: { content?: Record<string, { schema?: Schema }> }, responses: Record<string, { content?: Record<string, { schema?: object }> }>
}>> }

/** Costs a password hash or a thread each, or lasts: sent less often. */
const slow = new Set(['post /api/v1/setup', 'post /api/v1/sessions', 'post /api/v1/invitations/accept', 'get /api/v1/audit/chain', 'get /api/v1/audit/export', 'get /api/v1/audit/export/rows'])

export function readRoutes (document: unknown): Routes {
  const ajv = addFormats.default(new Ajv2020({ strict: false, allErrors: false }))
  // What the server's own document says; each use of it is checked by the tests that follow.
  const { paths } = document as Document
  const operations = Object.entries(paths).flatMap(([path, methods]) => Object.entries(methods).map(([method, one]): Operation => ({
    method, path, parameters: one.parameters ?? [], body: one.requestBody?.content?.['application/json']?.schema ?? null,
    responses: new Map(Object.entries(one.responses).map(([status, { content }]) => {
      const schema = content?.['application/json']?.schema
      return [Number(status), schema === undefined ? null : ajv.compile(schema)]
    }))
  })))
  const usual = operations.filter((one) => !slow.has(`${one.method} ${one.path}`) && one.path !== '/api/v1/feed')
  const rare = operations.filter((one) => slow.has(`${one.method} ${one.path}`))

  function make (random: Dice, known: Known): RequestCase {
    const operation = random.chance(0.005) ? random.pick(rare) : random.pick(usual)
    const how = random.next()
    let url = operation.path
    const query = new URLSearchParams()
    const headers: Record<string, string> = {}
    for (const { name, in: where, schema } of operation.parameters) {
      const good = fitting(schema, random, known, name)
      const value = how < 0.5 || random.chance(0.5) ? good : how < 0.8 ? nearly(good, random) : wild(random)
      const text = typeof value === 'string' ? value : JSON.stringify(value) ?? ''
      if (where === 'path') url = url.replace(`{${name}}`, encodeURIComponent(text.toWellFormed()))
      else if (where === 'query' && random.chance(0.6)) query.append(name, text)
      else if (where === 'header' && random.chance(0.5)) headers[name] = text.replace(/[^\x20-\x7e]/g, '?').slice(0, 4000)
    }
    if (random.chance(0.03)) query.append(JSON.stringify(wild(random, 3)), JSON.stringify(wild(random, 3)))
    if (query.size > 0) url += `?${query.toString()}`
    let payload: string | null = null
    if (operation.body !== null && how < 0.95) {
      const good = fitting(operation.body, random, known)
      payload = JSON.stringify(how < 0.5 ? good : how < 0.8 ? nearly(good, random) : wild(random)) ?? 'undefined'
      headers['content-type'] = 'application/json'
    } else if (random.chance(0.05)) {
      payload = JSON.stringify(wild(random))
      headers['content-type'] = 'application/json'
    }
    const asked = { role: random.pick(roles), method: operation.method.toUpperCase(), url, headers, payload }
    return how > 0.85 ? bent(asked, random) : asked
  }

  /** The envelope itself is odd: type, length, encoding, headers, method, address. */
  function bent (asked: RequestCase, random: Dice): RequestCase {
    const { headers } = asked
    const bends: (() => RequestCase)[] = [
      () => ({ ...asked, headers: { ...headers, 'content-type': random.pick(['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data; boundary=x', 'application/json; charset=utf-16', 'application/xml', ';', 'application/json;;', 'APPLICATION/JSON', 'application/problem+json', '']) }, payload: asked.payload ?? 'a=b' }),
      () => ({ ...asked, headers: { ...headers, 'content-type': 'application/json' }, payload: random.pick(['', '{', '[', '"', 'nul', '{"a":', '\u0000', '\ufeff{}', '['.repeat(20_000), '{"a":'.repeat(5_000), '1e999', '{"__proto__":{"x":1}}', '{"a":1,"a":2}', '{} {}', "{'a':1}", '\ud800']) }),
      () => ({ ...asked, headers: { ...headers, 'content-type': 'application/json' }, payload: JSON.stringify({ x: 'x'.repeat(64_000 + random.whole(3_000)) }) }),
      () => ({ ...asked, headers: { ...headers, 'content-encoding': random.pick(['gzip', 'br', 'identity', 'x']) } }),
      () => ({ ...asked, headers: { ...headers, [random.pick(['origin', 'host', 'referer', 'accept', 'accept-language', 'x-forwarded-for', 'forwarded', 'if-none-match', 'range', 'expect', 'cookie', 'authorization', 'last-event-id', 'user-agent', 'idempotency-key'])]: random.pick(['', 'null', 'https://evil.example', '*/*', 'text/html', '::1', 'x'.repeat(3_000), 'oncekey=', 'oncekey=x; oncekey=y', 'oncekey="', 'bytes=0-', '-1', '%', 'Bearer x', '\t', '/'])}}),
      () => ({ ...asked, method: random.pick(['HEAD', 'OPTIONS', 'PUT', 'PATCH', 'DELETE', 'POST', 'GET', 'TRACE', 'PROPFIND', 'QUERY']) }),
      () => ({ ...asked, url: random.pick([asked.url + '/', '/' + asked.url, asked.url.toUpperCase(), asked.url + '%00', asked.url + '%', asked.url + '/..', asked.url.replaceAll('/', '//'), asked.url + '?' + 'a=b&'.repeat(300), asked.url + '#x', asked.url.replace('/api', '/api/..%2f'), '/' + 'x'.repeat(3_000), asked.url + '?id=1&id=2&limit=1&limit=2&before=1&before=x', '/assets/../../package.json', '/%2e%2e/%2e%2e/etc/passwd', '/api/v2/x', asked.url + ';x=1']) })
    ]
    return random.pick(bends)()
  }

  function operationOf ({ method, url }: RequestCase): Operation | undefined {
    const path = (url.split(/[?#]/)[0] ?? '').split('/')
    const fitting = operations.filter((one) => one.method.toUpperCase() === method && one.path.split('/').length === path.length && one.path.split('/').every((part, i) => part.startsWith('{') || part === path[i]))
    // As the server's router does it: a word goes before a parameter.
    return fitting.find((one) => !one.path.includes('{')) ?? fitting[0]
  }

  /** What is wrong with an answer; null when it is one of those that the document or the table of problems names. */
  function faultOf (asked: RequestCase, { status, headers, body }: Answer): string | null {
    const type = String(headers['content-type'] ?? '')
    if (status >= 500 && status !== 503) return `status ${status}: ${body.slice(0, 300)}`
    if (status === 503 && operationOf(asked)?.path === '/health') return null
    if (status < 400) {
      const operation = operationOf(asked)
      // Pages, files and the answers to HEAD and OPTIONS are not in the document.
      if (operation === undefined || type.startsWith('text/html')) return asked.url.startsWith('/api/v1/') && !['HEAD', 'OPTIONS'].includes(asked.method) && !type.startsWith('text/html') ? `status ${status} for what is not in the document` : null
      const validate = operation.responses.get(status)
      if (validate === undefined) return `status ${status} is not in the document`
      if (status === 204) return body === '' ? null : 'a body with 204'
      if (validate === null) return null
      return validate(JSON.parse(body)) ? null : `the answer does not match its schema: ${ajv.errorsText(validate.errors)}: ${body.slice(0, 300)}`
    }
    if (asked.method === 'HEAD') return null
    if (!type.startsWith('application/problem+json')) return `status ${status} is no problem document: ${type} ${body.slice(0, 200)}`
    const problem: unknown = JSON.parse(body)
    const { code, title, cure, status: says, type: urn, errors } = Object(problem) as Record<string, unknown>
    const known = typeof code === 'string' ? Object.entries(problems).find(([name]) => name === code)?.[1] : undefined
    if (known === undefined || known.status !== status || says !== status || title !== known.title || cure !== known.cure || urn !== `urn:oncekey:problem:${String(code)}`) return `a problem that is not in the table: ${body.slice(0, 300)}`
    if (errors !== undefined && !(Array.isArray(errors) && errors.every((one) => typeof Object(one).field === 'string' && typeof Object(one).needs === 'string'))) return `errors without field and needs: ${body.slice(0, 300)}`
    return null
  }

  return { operations, make, faultOf }
}
