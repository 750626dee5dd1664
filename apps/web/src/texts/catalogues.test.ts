import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { test } from 'node:test'

const here = import.meta.dirname
const languages = readdirSync(here, { withFileTypes: true }).filter(entry => entry.isDirectory()).map(entry => entry.name)
const parts = readdirSync(path.join(here, 'en'))

function read (language: string, part: string): Record<string, string> {
  return JSON.parse(readFileSync(path.join(here, language, part), 'utf8'))
}
/** Languages have plurals of their own; what must agree is the stem. */
function stems (catalogue: Record<string, string>): string[] {
  return [...new Set(Object.keys(catalogue).map(key => key.replace(/_(zero|one|two|few|many|other)$/, '')))].toSorted()
}
function names (text: string): string[] {
  return [...text.matchAll(/\{(\w+)\}/g)].map(found => found[1] ?? '').toSorted()
}

test('English and German are there', () => {
  assert.deepEqual(languages.toSorted(), ['de', 'en'])
})

for (const language of languages) {
  for (const part of parts) {
    test(`${language}/${part} has every text of the English one, with the same names in it, and no other`, () => {
      const english = read('en', part)
      const own = read(language, part)
      assert.deepEqual(stems(own), stems(english))
      for (const [key, text] of Object.entries(own)) {
        assert.notEqual(text.trim(), '', key)
        if (english[key] !== undefined) assert.deepEqual(names(text), names(english[key]), key)
      }
    })
  }
}

test('no key is in a part twice: the later one would take the place of the first', () => {
  for (const language of languages) {
    for (const part of parts) {
      const keys = [...readFileSync(path.join(here, language, part), 'utf8').matchAll(/^\s*"([^"]+)":/gm)].map(found => found[1])
      assert.deepEqual(keys.filter((key, i) => keys.indexOf(key) !== i), [], `${language}/${part}`)
      assert.equal(keys.length, Object.keys(read(language, part)).length)
    }
  }
})

test('no key is in two parts', () => {
  const all = parts.flatMap(part => Object.keys(read('en', part)))
  assert.deepEqual(all.filter((key, index) => all.indexOf(key) !== index), [])
})

test('components write no text themselves: every visible word comes from a catalogue', () => {
  const source = path.join(here, '..')
  const found: string[] = []
  for (const file of readdirSync(source, { recursive: true, encoding: 'utf8' })) {
    if (!file.endsWith('.svelte')) continue
    const markup = readFileSync(path.join(source, file), 'utf8').replace(/<script[\s\S]*?<\/script>|<style[\s\S]*?<\/style>|<!--[\s\S]*?-->/g, '')
    // What stands between tags, once everything in braces is gone (three levels deep).
    let bare = markup
    for (let depth = 0; depth < 6; depth++) bare = bare.replace(/\{[^{}]*\}/g, '')
    for (const [, text] of bare.matchAll(/>([^<>]*)</g)) {
      if (/\p{L}{3,}/u.test((text ?? '').replace('Oncekey', ''))) found.push(`${file}: ${text?.trim()}`)
    }
    for (const [whole] of bare.matchAll(/\b(?:aria-label|title|placeholder|alt)="[^"]*\p{L}{3}[^"]*"/gu)) found.push(`${file}: ${whole}`)
  }
  assert.deepEqual(found, [])
})

test('a page loads the catalogues of all words that its parts can show', () => {
  const source = path.join(here, '..')
  const partOf = new Map(parts.flatMap(part => stems(read('en', part)).map(key => [key, part.replace('.json', '')] as const)))
  /** The file and all that it imports, now or later; the table of routes leads to every page and is left out. */
  function follow (file: string, into = new Map<string, string>()): Map<string, string> {
    // The question who one is may come up on every page, and brings its words itself.
    if (into.has(file) || file.endsWith('routes.ts') || (file.endsWith('prove.ts') && into.size > 0)) return into
    const code = readFileSync(file, 'utf8')
    into.set(file, code)
    for (const [, next] of code.matchAll(/(?:from|import\() ?'(\.[^']+\.(?:svelte|ts))'/g)) follow(path.join(path.dirname(file), next ?? ''), into)
    return into
  }
  function missing (files: Map<string, string>, loaded: readonly string[]): string[] {
    const own = [...files.values()].flatMap(code => [...code.matchAll(/loadTexts\(\['(\w+)'\]\)/g)].map(found => found[1] ?? ''))
    const have = ['basics', ...loaded, ...own]
    return [...files].flatMap(([file, code]) => [...partOf].filter(([key, part]) => !have.includes(part) && (code.includes(`'${key}'`) || code.includes(`\`${key.replace(/[^.]+$/, '')}\${`) && !key.startsWith('problem.')))
      .map(([key]) => `${path.relative(source, file)}: ${key}`))
  }
  assert.deepEqual(missing(follow(path.join(source, 'App.svelte')), ['common']), [])
  const pages = [...readFileSync(path.join(source, 'routes.ts'), 'utf8').matchAll(/path: '([^']+)'.*?(?:texts: \[([^\]]*)\].*?)?import\('\.\/([^']+)'\)/g)]
  assert.ok(pages.length >= 11)
  for (const [, name, texts = '', page = ''] of pages) {
    assert.deepEqual(missing(follow(path.join(source, page)), ['common', ...texts.split(',').map(text => text.trim().replaceAll("'", ''))]), [], name)
  }
  assert.deepEqual(missing(follow(path.join(source, 'session/prove.ts')), ['common']), [])
  assert.deepEqual(missing(follow(path.join(source, 'door/main.ts')), ['door']), [], 'the document of a door')
})
