import { createServer } from '../platform/node-http.ts'
import { ConfigError } from '../config.ts'
import type { Config } from '../config.ts'

export type FailurePage = { url: string, close: () => Promise<void> }

/**
 * Serves one page that says what stopped the start and what to do. Only for people at this machine (127.0.0.1): it may
 * name settings and paths. Null when its port is taken, too.
 */
export async function serveFailure (error: Error, config: Config | null): Promise<FailurePage | null> {
  const html = failureHtml(error)
  const server = createServer((_request, response) => {
    response.writeHead(503, { 'content-type': 'text/html; charset=utf-8', 'retry-after': '10', 'content-security-policy': "default-src 'none'; style-src 'unsafe-inline'" })
    response.end(html)
  })
  const port = config?.port ?? (error instanceof ConfigError ? error.port : 8080)
  const isOpen = await new Promise<boolean>((resolve) => {
    server.once('error', () => { resolve(false) })
    server.listen(port, '127.0.0.1', () => { resolve(true) })
  })
  if (!isOpen) return null
  const address = server.address()
  const open = typeof address === 'object' && address !== null ? address.port : port
  return {
    url: `http://127.0.0.1:${open}`,
    close: () => new Promise((resolve) => {
      server.close(() => { resolve() })
      server.closeAllConnections()
    })
  }
}

/** The page itself; every text in it is escaped. */
export function failureHtml (error: Error): string {
  const rows = error instanceof ConfigError
    ? `<table><thead><tr><th scope="col">Setting</th><th scope="col">Value</th><th scope="col">What it needs</th></tr></thead><tbody>${error.wrong.map((one) => `<tr><td><code>${escape(one.name)}</code></td><td><code>${escape(one.value)}</code></td><td>${escape(one.cure)}</td></tr>`).join('')}</tbody></table>`
    : `<p class="what">${escape(error.message)}</p>`
  return `<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><meta name="color-scheme" content="light dark"><title>Oncekey could not start</title>
<style>:root{color-scheme:light dark}body{font:16px/1.5 system-ui,sans-serif;background:light-dark(#f7f8fa,#0e1116);color:light-dark(#14181f,#e8ecf1);margin:0 auto;max-width:720px;padding:24px 16px}
h1{font-size:28px;color:light-dark(#b91c1c,#f87171)}.what,table{background:light-dark(#fff,#171b22);border:1px solid light-dark(#d9dee5,#2b323c);border-radius:12px;padding:16px;overflow-wrap:anywhere}
table{border-collapse:collapse;width:100%;display:block;overflow-x:auto}th,td{text-align:start;padding:8px}</style></head><body><main><h1>Oncekey could not start</h1>
${rows}<h2>What to do</h2><p>Mend this, then start Oncekey again. Nothing was changed and nothing was lost; no door moved.</p></main></body></html>`
}

function escape (text: string): string {
  return text.replace(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`)
}
