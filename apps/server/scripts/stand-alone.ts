import { readFileSync, writeFileSync } from 'node:fs'
import { stripTypeScriptTypes } from 'node:module'
import { join } from 'node:path'

/*
 * Makes bin/oncekey-verify.mjs, the verifier that needs nothing but Node 20.12, from the server's own sources. Run after a
 * change to them: node apps/server/scripts/stand-alone.ts
 */

const folder = join(import.meta.dirname, '../src')
const target = join(import.meta.dirname, '../bin/oncekey-verify.mjs')
/** Each imports nothing but Node and those before it. */
const sources = ['audit/format.ts', 'audit/witnessed.ts', 'audit/verify-export.ts', 'cli/verify-file.ts']

export function standAlone (): string {
  const imports = new Map<string, Set<string>>()
  const parts = sources.map((name) => {
    const source = stripTypeScriptTypes(readFileSync(join(folder, name), 'utf8'))
    for (const [, names = '', from = ''] of source.matchAll(/^import \{([^}]*)\} from '(node:[^']+)'$/gm)) {
      const known = imports.get(from) ?? new Set()
      for (const one of names.split(',').map((word) => word.trim())) if (one !== '') known.add(one)
      imports.set(from, known)
    }
    const body = source.replace(/^import [^;]*?from '[^']+'\n/gm, '').replace(/^export (?=const|function|async)/gm, '')
    // Where types were there are blanks now.
    return body.replace(/[ \t]+$/gm, '').replace(/(\S) {2,}(?=[,)])/g, '$1').replace(/(\S) {2,}(?=\S)/g, '$1 ').replace(/\n{3,}/g, '\n\n').trim()
  })
  const head = [...imports].map(([from, names]) => `import { ${[...names].sort().join(', ')} } from '${from}'`).sort()
  return `#!/usr/bin/env node
// Checks a record that was exported from Oncekey, with nothing but Node 20.12 or newer: node oncekey-verify.mjs FILE
// Made from apps/server/src by apps/server/scripts/stand-alone.ts; the format is in docs/audit.md.
/* oxlint-disable no-unused-vars -- made whole from files of which it needs parts */
${head.join('\n')}

${parts.join('\n\n')}

process.exitCode = await verifyAlone(process.argv.slice(2))
`
}

if (import.meta.main) writeFileSync(target, standAlone(), { mode: 0o755 })
