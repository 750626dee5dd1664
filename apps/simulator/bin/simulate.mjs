#!/usr/bin/env node
// Plain JavaScript on purpose: an old Node can not even load a .ts file, and should say so in one line.
const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
if (major < 24 || (major === 24 && minor < 12)) {
  console.error(`simulate needs Node 24.12 or newer, and this is ${process.versions.node}. Run it as: npm run simulate -- …`)
  process.exit(1)
}
const { main } = await import('../src/cli.ts')
process.exitCode = await main(process.argv.slice(2))
