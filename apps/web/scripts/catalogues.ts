import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import type { Plugin } from 'vite'

const folder = path.join(import.meta.dirname, '../src/texts')

const stem = (key: string): string => key.replace(/_(zero|one|two|few|many|other)$/, '')

function read (language: string, part: string): Record<string, string> {
  const file = path.join(folder, language, part)
  return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : {}
}

/** The words of all languages: `<language>/<part>.json`, and their text. What nobody has translated yet is English. */
function files (): Map<string, string> {
  const all = new Map<string, string>()
  const languages = readdirSync(folder, { withFileTypes: true }).filter(entry => entry.isDirectory()).map(entry => entry.name).toSorted()
  for (const part of readdirSync(path.join(folder, 'en')).toSorted()) {
    const english = Object.entries(read('en', part))
    for (const language of languages) {
      const own = read(language, part)
      const known = new Set(Object.keys(own).map(stem))
      all.set(`${language}/${part}`, JSON.stringify({ ...own, ...Object.fromEntries(english.filter(([key]) => !known.has(stem(key)))) }))
    }
  }
  return all
}

/** The folder that they are served from, named by what is in them; relative to the app. */
function textsFolder (): string {
  const hash = createHash('sha256')
  for (const [name, text] of files()) hash.update(`${name}\n${text}\n`)
  return `assets/${hash.digest('base64url').replaceAll(/[-_]/g, '').slice(0, 7)}`
}

/**
 * Words are files beside the program, all in one folder: as modules, each of them is one more name in what every page loads,
 * and six languages have a hundred. `TEXTS` is the folder in the code.
 */
export function catalogues ({ writes }: { writes: boolean }): Plugin {
  return {
    name: 'catalogues',
    config: (_config, { command }) => ({ define: { TEXTS: JSON.stringify(command === 'build' ? textsFolder() : 'assets/texts') } }),
    configureServer ({ middlewares }) {
      middlewares.use((request, response, next) => {
        const text = files().get(/\/assets\/texts\/(\w+\/\w+\.json)$/.exec(request.url ?? '')?.[1] ?? '')
        if (text === undefined) return next()
        response.setHeader('content-type', 'application/json').end(text)
      })
    },
    generateBundle () {
      if (!writes) return
      const into = textsFolder()
      for (const [name, source] of files()) this.emitFile({ type: 'asset', fileName: `${into}/${name}`, source })
    }
  }
}
