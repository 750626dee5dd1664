// Makes what a clone needs before it starts, `--if-missing` only what is not there:
// - the server's compile cache (see apps/server/bin/oncekey.mjs), so that the very first start is as lean as the others;
// - the web app in apps/web/dist, each file also compressed beside it.
import { existsSync } from 'node:fs'
import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { spawnSync } from 'node:child_process'
import { promisify } from 'node:util'
import zlib from 'node:zlib'

const ifMissing = process.argv.includes('--if-missing')
const web = join(import.meta.dirname, '../apps/web')
const dist = join(web, 'dist')
const server = join(import.meta.dirname, '../apps/server')

if (!(ifMissing && existsSync(join(server, '.compile-cache')))) {
  // Any command loads the whole program, and leaves what it compiled: beside the program, whatever place this shell has
  // for others (Node lets the variable win over the folder). Without the cache the server starts slower, and 25 MB larger.
  const { NODE_COMPILE_CACHE: _, ...env } = process.env
  spawnSync(process.execPath, [join(server, 'bin/oncekey.mjs'), 'help'], { stdio: 'ignore', env })
}

if (!(ifMissing && existsSync(join(dist, 'index.html')))) {
  const vite = join(import.meta.dirname, '../node_modules/vite/bin/vite.js')
  if (!existsSync(vite)) {
    // A production install without the build tools, e.g. in an image that brings its own dist.
    console.error('The web app is not built: vite is not installed. Run "npm ci" with development dependencies.')
    process.exit(existsSync(join(dist, 'index.html')) ? 0 : ifMissing ? 1 : 0)
  }
  // The app, then beside it the document of a door; the first empties the folder.
  for (const config of ['vite.config.ts', 'vite.door.config.ts']) {
    const built = spawnSync(process.execPath, [vite, 'build', '--config', config, '--logLevel', 'warn'], { cwd: web, stdio: 'inherit' })
    if (built.status !== 0) process.exit(built.status ?? 1)
  }
  await compress(dist)
}

async function compress (folder) {
  const gzip = promisify(zlib.gzip)
  const brotli = promisify(zlib.brotliCompress)
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile() || !/\.(js|css|svg|json|webmanifest)$/.test(entry.name)) continue
    const path = join(entry.parentPath, entry.name)
    const bytes = await readFile(path)
    await writeFile(path + '.gz', await gzip(bytes, { level: 9 }))
    await writeFile(path + '.br', await brotli(bytes))
  }
}
