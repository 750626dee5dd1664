import { svelte } from '@sveltejs/vite-plugin-svelte'
import { defineConfig } from 'vite'
import { common, names } from './vite.config.ts'
import { catalogues } from './scripts/catalogues.ts'
import { leanSvelte } from './scripts/lean-svelte.ts'

/**
 * The document of a door is built for itself, so that it carries only what of Svelte it uses: chunks that it shared
 * with the app would have all that any page of the app uses. Written beside the app's files, after them.
 */
export default defineConfig({
  plugins: [leanSvelte(), svelte(), catalogues({ writes: false })],
  ...common,
  build: {
    ...common.build,
    emptyOutDir: false,
    manifest: '.vite/door.json',
    rolldownOptions: { input: 'door.html', output: names }
  }
})
