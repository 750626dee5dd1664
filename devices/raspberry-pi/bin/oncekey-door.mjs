#!/usr/bin/env node
const { main } = await import('../src/cli.ts')
const code = main(process.argv.slice(2), (line) => console.log(line))
if (code !== null) process.exitCode = code
