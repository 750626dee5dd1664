import type { Language } from '@oncekey/protocol/schemas'
import type { FastifyReply } from 'fastify'
import { Type } from 'typebox'
import type { House } from '../house.ts'
import type { App } from '../platform/http.ts'
import { directionOf, languageFrom } from '../platform/language.ts'
import { cancelByLink } from './decide.ts'
import { stopPage } from './words.ts'

const css = `body { margin: 0; font: 1rem/1.5 system-ui, sans-serif } main { max-width: 32rem; margin: 0 auto; padding: 24px 16px } h1 { font-size: 1.5rem }
button { min-height: 44px; padding: 0 24px; font: inherit; font-weight: 600; color: #fff; background: #0f766e; border: 0; border-radius: 12px; cursor: pointer }
button:focus-visible { outline: 3px solid #0f766e; outline-offset: 2px }`

/**
 * The page behind the link in the mail of a door's code: whoever got the code may end it, and need not be anybody here. In the
 * browser's language, plain HTML without a script. Only its button ends anything: programs that look at links in mails press none.
 */
export function stopRoutes (app: App, house: House): void {
  const options = { config: { audience: 'everybody' as const }, schema: { hide: true, params: Type.Object({ secret: Type.String({ maxLength: 64 }) }) } }

  app.get('/stop-code/style.css', { config: options.config, schema: { hide: true } }, async (_request, reply) => reply.type('text/css; charset=utf-8').send(css))
  app.get('/stop-code/:secret', options, async (request, reply) => {
    const language = languageFrom(request.headers['accept-language'])
    const { title, says, go } = stopPage[language].ask
    // With no referrer at all a browser sends its form as from nowhere, and that is refused.
    return asPage(reply).header('referrer-policy', 'same-origin').send(page(language, title, `<p>${says}</p><form method="post"><button>${go}</button></form>`))
  })
  void app.register(async (forms) => {
    // A form without fields.
    forms.addContentTypeParser('application/x-www-form-urlencoded', { parseAs: 'string', bodyLimit: 64 }, (_request, _body, done) => { done(null, {}) })
    forms.post('/stop-code/:secret', options, async (request, reply) => {
      const { secret } = request.params as { secret: string } // Fastify does not know it inside a plugin.
      const language = languageFrom(request.headers['accept-language'])
      const became = await cancelByLink(house, secret)
      const { title, says } = stopPage[language][became ?? 'unknown']
      return asPage(reply.status(became === null ? 404 : 200)).send(page(language, title, `<p>${says}</p>`))
    })
  })
}

function asPage (reply: FastifyReply): FastifyReply {
  return reply.type('text/html; charset=utf-8').header('cache-control', 'no-store').header('vary', 'accept-language')
}

function page (language: Language, title: string, body: string): string {
  return `<!doctype html><html lang="${language}" dir="${directionOf(language)}"><meta charset="utf-8"><meta name="viewport" content="width=device-width"><meta name="robots" content="noindex"><meta name="color-scheme" content="light dark"><title>${title}</title><link rel="icon" href="../icon.svg" type="image/svg+xml"><link rel="stylesheet" href="style.css"><main><h1>${title}</h1>${body}</main></html>`
}
