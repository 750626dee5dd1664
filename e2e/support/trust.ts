import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** A home folder whose user trusts this authority in Chromium, as by its settings page; made with Debian's libnss3-tools. Remove it afterwards. */
export function homeThatTrusts (pem: string): string {
  const home = mkdtempSync(join(tmpdir(), 'oncekey-home-'))
  const store = join(home, '.pki/nssdb')
  mkdirSync(store, { recursive: true })
  writeFileSync(join(home, 'ca.pem'), pem)
  certutil('-d', `sql:${store}`, '-N', '--empty-password')
  certutil('-d', `sql:${store}`, '-A', '-n', 'oncekey', '-t', 'C,,', '-i', join(home, 'ca.pem'))
  return home
}

function certutil (...words: string[]): void {
  const { status, stderr, error } = spawnSync('certutil', words, { encoding: 'utf8' })
  if (error !== undefined) throw new Error('This journey needs certutil. Install it: "sudo apt-get install libnss3-tools".', { cause: error })
  if (status !== 0) throw new Error(`certutil ${words.join(' ')}: ${stderr}`)
}
