#!/usr/bin/env -S node --max-semi-space-size=8
// Plain JavaScript, so that an old Node ends in a sentence and not in a stack trace: it could not even load the program.
const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
if (major < 24 || (major === 24 && minor < 12)) {
  console.error(`Oncekey needs Node 24.12 or newer; this is ${process.versions.node}. In a clone, "npm start" brings its own.`)
  process.exit(1)
}
const { enableCompileCache } = await import('node:module')
enableCompileCache()
const { run } = await import('../src/cli/run.ts')
process.exitCode = await run(process.argv.slice(2))
