// Files of tests in one process, one after the other, by their paths: what they load, the whole server for most of them, is
// loaded once. For files without hooks, which would run around the tests of all others.
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { root } from './steps.mjs'

for (const path of process.argv.slice(2)) await import(pathToFileURL(join(root, path)).href)
