import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { promisify } from 'node:util'

const root = join(import.meta.dirname, '../..')
const run = promisify(execFile)

/** The ts fences of a page, in order. @param path from the project's root */
export function snippetsOf (path: string): string[] {
  return [...readFileSync(join(root, path), 'utf8').matchAll(/^```ts\n([^]*?)^```/gm)].map(([, text = '']) => text)
}

/** A text with one passage exchanged: an address, a password, a file's name. Fails when the passage is not there any more. */
export function exchange (text: string, passage: string, by: string): string {
  assert.equal(text.split(passage).length, 2, `"${passage}" stands once in\n${text}`)
  return text.replace(passage, () => by)
}

/** A folder outside the project whose programs find our packages by their names, as a reader's program would. */
export class Workbench {
  readonly folder: string = mkdtempSync(join(tmpdir(), 'oncekey-snippets-'))

  constructor () {
    symlinkSync(join(root, 'node_modules'), join(this.folder, 'node_modules'), 'junction')
    writeFileSync(join(this.folder, 'package.json'), '{ "type": "module" }')
    writeFileSync(join(this.folder, 'tsconfig.json'), JSON.stringify({
      extends: join(root, 'tsconfig.base.json'),
      // A snippet names what it shows and need not use it.
      compilerOptions: { types: ['node'], lib: ['es2024', 'dom', 'dom.iterable'], noUnusedLocals: false, noUnusedParameters: false },
      include: ['*.ts']
    }))
  }

  write (name: string, ...pieces: string[]): void {
    writeFileSync(join(this.folder, name), pieces.join('\n'))
  }

  /** What the strictest compiler says to all programs here; '' when it has nothing to say. */
  async complaints (): Promise<string> {
    return printed(join(root, 'node_modules/typescript/bin/tsc'), '-p', this.folder)
  }

  /** Runs a program in this process. @returns what it exports as `results` */
  async results (name: string): Promise<unknown> {
    const { results }: { results?: unknown } = await import(pathToFileURL(join(this.folder, name)).href)
    return results
  }

  /** Runs a test file in a process of its own. @returns '' when all its tests passed, else what it printed */
  async failures (name: string): Promise<string> {
    return printed('--test', join(this.folder, name))
  }

  close (): void {
    rmSync(this.folder, { recursive: true, force: true })
  }
}

/** Runs Node. @returns what it printed if it ended badly, else '' */
async function printed (...args: string[]): Promise<string> {
  // Or a test runner in it would think that it is a part of this one.
  const { NODE_TEST_CONTEXT: _, ...env } = process.env
  try {
    await run(process.execPath, args, { env, maxBuffer: 64e6 })
    return ''
  } catch (error) {
    return typeof error === 'object' && error !== null && 'stdout' in error && error.stdout !== '' ? String(error.stdout) : String(error)
  }
}
