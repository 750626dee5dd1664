import { vitePreprocess } from '@sveltejs/vite-plugin-svelte'

/** Which file has a name. */
const files = new Map()

/** Scoped styles are marked with the component's own name: it packs better than letters of chance, and reads better. */
function cssHash ({ name, filename }) {
  if ((files.get(name) ?? filename) !== filename) throw new Error(`Two components are called ${name}: ${filename} and ${files.get(name)}.`)
  files.set(name, filename)
  return `of-${name.toLowerCase()}`
}

export default { preprocess: vitePreprocess(), compilerOptions: { runes: true, cssHash, discloseVersion: false } }
