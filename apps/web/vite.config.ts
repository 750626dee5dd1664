import { svelte } from '@sveltejs/vite-plugin-svelte'
import { defineConfig, type Plugin } from 'vite'
import { catalogues } from './scripts/catalogues.ts'
import { leanSvelte } from './scripts/lean-svelte.ts'

/** Where `npm run dev` finds the server; the built app is always served by the server itself. */
const server = 'http://127.0.0.1:8080'

/** In development, too, a door is a document of its own. */
const doorInDevelopment: Plugin = {
  name: 'door-in-development',
  configureServer: ({ middlewares }) => {
    middlewares.use((request, _response, next) => {
      if (/^\/door\/[^/.]+$/.test(request.url ?? '')) request.url = '/door.html'
      next()
    })
  }
}

/**
 * The library that writes to boards asks for what each chip needs when it is needed, in thirty chunks of which six letters
 * do not leave that many. It comes as one instead, with the little program that it lends to our chip, and not to the others.
 */
const boardsInOne: Plugin = {
  name: 'boards-in-one',
  transform (code, id) {
    if (!/esptool-js\/lib\/(?:stubFlasher|esploader)\.js$/.test(id)) return null
    const imports: string[] = []
    const rest = code.replace(/await import\("(\.\/targets\/([\w/-]+)\.js(?:on)?)"[^)]*\)/g, (_all, file: string, name: string) => {
      if (name.startsWith('stub_flasher/') && name !== 'stub_flasher/esp32') return 'undefined'
      imports.push(`import * as part${imports.length} from '${file}'\n`)
      return `part${imports.length - 1}`
    })
    return imports.join('') + rest
  }
}

/** What the build of the app and that of a door's document (vite.door.config.ts) have in common. */
export const common = {
  // Relative: the same build works under any path, resolved by <base> in the page.
  base: './',
  build: {
    target: ['es2022', 'chrome123', 'firefox121', 'safari17.5'],
    // No data: URLs, no inline polyfill: the page runs under a strict content security policy.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false }
  }
}
/** Short names: the frame carries those of all other chunks, and letters of chance do not pack. The manifest has the long ones. */
export const names = { entryFileNames: 'assets/[hash:7].js', chunkFileNames: 'assets/[hash:7].js', assetFileNames: 'assets/[hash:7][extname]' }

export default defineConfig({
  plugins: [leanSvelte(), svelte(), catalogues({ writes: true }), doorInDevelopment, boardsInOne],
  ...common,
  build: {
    ...common.build,
    manifest: true,
    // One chunk for all that every page needs. Chunks of their own for parts that pages need without the others; then small
    // modules that come together anyway: they pack better as one. Six letters name 64 chunks, and no more: hence seven.
    rolldownOptions: { output: { ...names, codeSplitting: { groups: [
      { name: 'frame', tags: ['$initial'], priority: 4 },
      { name: 'clock', test: /src\/(?:ui\/(?:clock|moment|Ring|StateBadge|appearance)|access\/group-digits)\./, priority: 3 },
      { debugName: 'field', name: id => /src\/ui\/(Field|Check)\.svelte/.exec(id)?.[1] ?? null, priority: 2 },
      { name: 'times', test: /src\/ui\/(?:Time|Chips)\./, priority: 2 },
      { name: 'card', test: /src\/ui\/(?:Card|loaded)\./, priority: 2 },
      { name: 'accounts', test: /src\/(?:session\/(?:kept-challenge|login|entered|code-step|captcha\.svelte)|registration\/form)\.ts/ },
      { name: 'record', test: /src\/(?:audit\/(?:sentence|looks|rows|Sentence|EventLine)|places\/zoned)\./, priority: 1 },
      { name: 'desk', test: /(?:client\/src\/(?:operators|desk|cameras)\.|src\/(?:operators\.|cameras\/verbs\.|people\/(?:desk|PersonPicker)|places\/(?:GiveAccess|PointPicker|GrantLine|grant)|audit\/FilterChip|live\/(?:LockedOut|plan)|ui\/(?:Panel|query)))\b/, includeDependenciesRecursively: false },
      { name: 'factors', test: /src\/session\/(?:FactorForm|factors)\./ },
      { name: 'sheets', test: /src\/ui\/(?:Ask|FormSheet|CopyLine|first-field)\./, priority: 1 }
    ] } } }
  },
  server: { proxy: { '/api': { target: server }, '/health': { target: server }, '/mqtt': { target: server, ws: true } } }
})
