import { svelte } from '@sveltejs/vite-plugin-svelte'
import { defineConfig } from 'vite'

/** Where `npm run dev` finds the server; the built app is always served by the server itself. */
const server = 'http://127.0.0.1:8080'

export default defineConfig({
  plugins: [svelte()],
  // Relative: the same build works under any path, resolved by <base> in index.html.
  base: './',
  build: {
    target: ['es2022', 'chrome123', 'firefox121', 'safari17.5'],
    manifest: true,
    // No data: URLs, no inline polyfill: the page runs under a strict content security policy.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false }
  },
  json: { namedExports: false, stringify: true },
  server: { proxy: { '/api': { target: server }, '/health': { target: server }, '/mqtt': { target: server, ws: true } } }
})
