#!/usr/bin/env -S node --max-semi-space-size=8
import { join } from 'node:path'

// Plain JavaScript, so that an old Node ends in a sentence and not in a stack trace: it could not even load the program.
const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
if (major < 24 || (major === 24 && minor < 12)) {
  console.error(`Oncekey needs Node 24.12 or newer; this is ${process.versions.node}. In a clone, "npm start" brings its own.`)
  process.exit(1)
}
// What was compiled is kept beside the program and not in the shared folder for temporary files, Node's default: there
// any user of the machine could leave code for this one to run. Where the folder can not be written, nothing is kept.
const { enableCompileCache } = await import('node:module')
enableCompileCache(join(import.meta.dirname, '../.compile-cache'))
// One thread clears young memory: several wait for each other, and cost a small machine an eighth of each sign-in.
const { setFlagsFromString } = await import('node:v8')
setFlagsFromString('--no-parallel-scavenge')
const words = process.argv.slice(2)
if (words[0] === 'health') {
  const { health } = await import('../src/cli/health.ts')
  process.exitCode = await health(words.slice(1))
} else {
  const { run } = await import('../src/cli/run.ts')
  process.exitCode = await run(words)
}
