import { svelte } from '@sveltejs/vite-plugin-svelte'
import { defineConfig } from 'vite'
import { leanSvelte } from './scripts/lean-svelte.ts'

/** Where `npm run dev` finds the server; the built app is always served by the server itself. */
const server = 'http://127.0.0.1:8080'

export default defineConfig({
  plugins: [leanSvelte(), svelte()],
  // Relative: the same build works under any path, resolved by <base> in index.html.
  base: './',
  build: {
    target: ['es2022', 'chrome123', 'firefox121', 'safari17.5'],
    manifest: true,
    // No data: URLs, no inline polyfill: the page runs under a strict content security policy.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    rolldownOptions: {
      output: {
        // One chunk for all that every page needs: it packs better than several.
        codeSplitting: { groups: [{ name: 'frame', tags: ['$initial'] }] },
        // Short names: the frame carries those of all other chunks, and letters of chance do not pack. The manifest has the long ones.
        chunkFileNames: 'assets/[hash:6].js',
        assetFileNames: 'assets/[hash:6][extname]'
      }
    }
  },
  json: { namedExports: false, stringify: true },
  server: { proxy: { '/api': { target: server }, '/health': { target: server }, '/mqtt': { target: server, ws: true } } }
})
