import assert from 'node:assert/strict'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { test } from 'node:test'

const here = import.meta.dirname
const languages = readdirSync(here, { withFileTypes: true }).filter(entry => entry.isDirectory()).map(entry => entry.name)
const parts = readdirSync(path.join(here, 'en'))

function read (language: string, part: string): Record<string, string> {
  const file = path.join(here, language, part)
  return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : {}
}
/** Languages have plurals of their own; what must agree is the stem. */
function stems (catalogue: Record<string, string>): string[] {
  return [...new Set(Object.keys(catalogue).map(key => key.replace(/_(zero|one|two|few|many|other)$/, '')))].toSorted()
}
function names (text: string): string[] {
  return [...text.matchAll(/\{(\w+)\}/g)].map(found => found[1] ?? '').toSorted()
}

test('the languages of the pages are there', () => {
  assert.deepEqual(languages.toSorted(), ['ar', 'de', 'en', 'es', 'fr', 'hi'])
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

test('a plural has a form for every number up to 200', () => {
  for (const language of languages) {
    const rules = new Intl.PluralRules(language)
    const needed = [...new Set(Array.from({ length: 201 }, (_, count) => rules.select(count)))]
    for (const part of parts) {
      const [english, own] = [read('en', part), read(language, part)]
      for (const key of Object.keys(english).filter(each => each.endsWith('_other'))) {
        const stem = key.slice(0, -'_other'.length)
        assert.deepEqual(needed.filter(form => own[`${stem}_${form}`] === undefined), [], `${language}/${part}: ${stem}`)
      }
    }
  }
})

test('no key is in a part twice: the later one would take the place of the first', () => {
  for (const language of languages) {
    for (const part of parts) {
      if (!existsSync(path.join(here, language, part))) continue
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

test('a button is called what stands on it, and more: whoever speaks to the page says what they see (WCAG 2.5.3)', () => {
  const source = path.join(here, '..')
  const wrong: string[] = []
  let looked = 0
  for (const file of readdirSync(source, { recursive: true, encoding: 'utf8' }).filter(name => name.endsWith('.svelte'))) {
    for (const [, button = ''] of readFileSync(path.join(source, file), 'utf8').matchAll(/<Button\b([\s\S]*?)<\/Button>/g)) {
      const label = /\blabel=\{t\('([^']+)'/.exec(button)?.[1]
      const shown = /\{t\('([^']+)'\)\}$/.exec(button)?.[1]
      if (label === undefined || shown === undefined) continue
      looked++
      for (const language of languages) {
        const all = Object.assign({}, ...parts.map(part => read(language, part)))
        if (!String(all[label]).toLowerCase().includes(String(all[shown]).toLowerCase().replace(/\s…$/, ''))) wrong.push(`${language}: "${all[shown]}" is called "${all[label]}"`)
      }
    }
  }
  assert.ok(looked > 10, String(looked))
  assert.deepEqual(wrong, [])
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
  const more = new Map([...readFileSync(path.join(source, 'more-pages.ts'), 'utf8').matchAll(/'([^']+)': \(\) => import\('\.\/([^']+)'\)/g)].map(found => [found[1], found[2]]))
  const table = readFileSync(path.join(source, 'routes.ts'), 'utf8')
  const pages = [...table.matchAll(/path: '([^']+)'.*?(?:texts: \[([^\]]*)\].*?)?(?:import\('\.\/([^']+)'\)|later\('([^']+)'\))/g)].map(([all, name, texts, page, operators]) => [all, name, texts, page ?? more.get(operators)])
    .concat([...table.matchAll(/operators\('([^']+)'((?:, '\w+')+)\)/g)].map(([all, name, texts]) => [all, name, `'rail'${texts}`, more.get(name)]))
  assert.ok(pages.length >= 25)
  for (const [, name, texts = '', page = ''] of pages) {
    assert.deepEqual(missing(follow(path.join(source, page)), ['common', ...texts.split(',').map(text => text.trim().replaceAll("'", ''))]), [], name)
  }
  assert.deepEqual(missing(follow(path.join(source, 'session/prove.ts')), ['common']), [])
  assert.deepEqual(missing(follow(path.join(source, 'door/main.ts')), ['door']), [], 'the document of a door')
})
