/** The API reference as plain HTML: made from the OpenAPI document, no script, readable on a phone. */
export function referencePage (document: object): string {
  const paths = entries(Reflect.get(document, 'paths'))
  const groups = new Map<string, string[]>()
  for (const [path, item] of paths) {
    for (const [method, operation] of entries(item)) {
      const [tag = 'other'] = list(Reflect.get(object(operation), 'tags')).map(String)
      groups.set(tag, [...groups.get(tag) ?? [], operationHtml(path, method, object(operation))])
    }
  }
  const info = object(Reflect.get(document, 'info'))
  return `<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark"><title>Oncekey API</title><link rel="icon" href="/icon.svg" type="image/svg+xml"><link rel="stylesheet" href="/api/reference.css"></head><body>
<header><h1>Oncekey API</h1><p>${text(Reflect.get(info, 'description'))} Version ${text(Reflect.get(info, 'version'))}. <a href="/api/openapi.json">OpenAPI 3.1 document</a>.</p>
<nav aria-label="Groups">${[...groups.keys()].map((tag) => `<a href="#${text(tag)}">${text(tag)}</a>`).join(' ')}</nav></header>
<main>${[...groups].map(([tag, html]) => `<section id="${text(tag)}"><h2>${text(tag)}</h2>${html.join('')}</section>`).join('')}</main></body></html>`
}

referencePage.css = `:root{color-scheme:light dark;--bg:light-dark(#f7f8fa,#0e1116);--surface:light-dark(#fff,#171b22);--text:light-dark(#14181f,#e8ecf1);--muted:light-dark(#55606e,#a3adba);--line:light-dark(#d9dee5,#2b323c);--accent:light-dark(#0f766e,#2dd4bf)}
body{font:16px/1.5 system-ui,sans-serif;background:var(--bg);color:var(--text);margin:0 auto;max-width:960px;padding:16px}
nav a{display:inline-block;padding:12px 12px 12px 0}a{color:var(--accent)}
details{background:var(--surface);border:1px solid var(--line);border-radius:12px;margin:8px 0;padding:0 16px}
summary{padding:12px 0;cursor:pointer;overflow-wrap:anywhere}summary code{font-weight:600}summary span{color:var(--muted);display:block}
pre{overflow-x:auto;font-size:14px;background:var(--bg);border-radius:8px;padding:12px}h2{text-transform:capitalize;margin-top:32px}`

function operationHtml (path: string, method: string, operation: object): string {
  const parts: string[] = []
  const description = Reflect.get(operation, 'description')
  if (typeof description === 'string') parts.push(`<p>${text(description)}</p>`)
  const parameters = list(Reflect.get(operation, 'parameters')).map(object)
  if (parameters.length > 0) {
    parts.push(`<h3>Parameters</h3><ul>${parameters.map((one) => `<li><code>${text(Reflect.get(one, 'name'))}</code> (${text(Reflect.get(one, 'in'))}${Reflect.get(one, 'required') === true ? ', required' : ''}) ${text(Reflect.get(object(Reflect.get(one, 'schema')), 'description') ?? '')}</li>`).join('')}</ul>`)
  }
  const body = schemaOf(Reflect.get(operation, 'requestBody'))
  if (body !== null) parts.push(`<h3>Body</h3><pre tabindex="0">${text(JSON.stringify(body, null, 2))}</pre>`)
  for (const [status, response] of entries(Reflect.get(operation, 'responses'))) {
    const schema = schemaOf(response)
    if (schema !== null) parts.push(`<h3>Answer ${text(status)}</h3><pre tabindex="0">${text(JSON.stringify(schema, null, 2))}</pre>`)
  }
  return `<details><summary><code>${text(method.toUpperCase())} ${text(path)}</code><span>${text(Reflect.get(operation, 'summary') ?? '')}</span></summary>${parts.join('')}</details>`
}

function schemaOf (holder: unknown): unknown {
  const [media] = entries(Reflect.get(object(holder), 'content'))
  return media === undefined ? null : Reflect.get(object(media[1]), 'schema') ?? null
}

function object (value: unknown): object {
  return typeof value === 'object' && value !== null ? value : {}
}

function list (value: unknown): unknown[] {
  return Array.isArray(value) ? value : []
}

function entries (value: unknown): [string, unknown][] {
  return Object.entries(object(value))
}

function text (value: unknown): string {
  return String(value).replace(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`)
}
