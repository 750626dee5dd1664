/** The memory of a controller in one file: a line for each change, appended and flushed to the disk before the next effect. */
import { closeSync, existsSync, fsyncSync, openSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import type { Storage } from '@oncekey/host'

/** The file is written anew when it has so many lines more than values. */
const SLACK_LINES = 2000

/**
 * A power cut can tear the last line only: it ends without its newline and is left out. The file is written anew beside
 * the old one, flushed and renamed, so that there always is a whole one.
 * @param path the file; its folder has to be there
 */
export function journal (path: string): Storage & { close: () => void } {
  let file: number | null = null
  let saved = new Map<string, string>()
  let lines = 0

  return {
    load () {
      close()
      saved = new Map()
      lines = 0
      const text = existsSync(path) ? readFileSync(path, 'utf8') : ''
      for (const line of text.slice(0, text.lastIndexOf('\n') + 1).split('\n')) {
        if (line === '') continue
        const [key, value] = JSON.parse(line) as [string, string] // our own writing, whole lines only
        keep(key, value)
      }
      renew()
      return Object.fromEntries(saved)
    },
    set (key, value) {
      if (file === null) throw new Error('The journal is closed.')
      append(file, [[key, value]])
      fsyncSync(file)
      keep(key, value)
      if (++lines > saved.size + SLACK_LINES) renew()
    },
    close
  }

  function keep (key: string, value: string): void {
    if (value === '') saved.delete(key)
    else saved.set(key, value)
  }

  function renew (): void {
    close()
    const fresh = openSync(`${path}.new`, 'w', 0o600)
    append(fresh, saved)
    fsyncSync(fresh)
    closeSync(fresh)
    renameSync(`${path}.new`, path)
    const folder = openSync(dirname(path), 'r')
    fsyncSync(folder)
    closeSync(folder)
    lines = saved.size
    file = openSync(path, 'a', 0o600)
  }

  function close (): void {
    if (file !== null) closeSync(file)
    file = null
  }
}

function append (file: number, entries: Iterable<readonly [string, string]>): void {
  let text = ''
  for (const entry of entries) text += JSON.stringify(entry) + '\n'
  writeFileSync(file, text)
}
