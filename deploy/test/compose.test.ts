import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { readConfig } from '@oncekey/server'
import { composeFiles, composeText, oncekeyIn } from './compose.ts'

const root = join(import.meta.dirname, '../..')

const secrets: string[] = []
after(() => { for (const path of secrets) rmSync(path, { recursive: true }) })

function secretFile (text: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'oncekey-secret-'))
  secrets.push(folder)
  writeFileSync(join(folder, 'file'), text)
  return join(folder, 'file')
}

/** Faults and warnings count alike. */
function lint (path: string): { status: number | null, said: string } {
  const { status, stdout, stderr } = spawnSync(process.execPath, [join(root, 'node_modules/dclint/bin/dclint.cjs'), '--max-warnings', '0', path], { cwd: root, encoding: 'utf8' })
  return { status, said: stdout + stderr }
}

test('the linter has nothing to say to the compose files, and something to a bad one', () => {
  assert.ok(composeFiles.includes('compose.small.yaml'), String(composeFiles))
  for (const name of composeFiles) {
    const { status, said } = lint(join(root, 'deploy', name))
    assert.equal(status, 0, said)
  }
  const folder = mkdtempSync(join(tmpdir(), 'oncekey-compose-'))
  try {
    for (const [from, to, fault] of [["'0.0.0.0:8443:8443'", "'8443:8443'", 'no-unbound-port-interfaces'], ['read_only: true', 'readonly: true', 'additional properties']] as const) {
      const bad = join(folder, 'compose.yaml')
      writeFileSync(bad, composeText('compose.small.yaml').replace(from, to))
      const { status, said } = lint(bad)
      assert.deepEqual([status, said.includes(fault)], [1, true], said)
    }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
})

test('each service that is ours may as little as can be, and its settings are ones that the server takes', () => {
  for (const name of composeFiles) {
    const { read_only: isReadOnly, cap_drop: dropped, security_opt: options, tmpfs, volumes, environment, build } = oncekeyIn(name)
    assert.deepEqual([isReadOnly, dropped, options, volumes.map((one) => one.split(':')[1]), tmpfs.length], [true, ['ALL'], ['no-new-privileges:true'], ['/data'], 1], name)
    assert.ok(existsSync(join(root, 'deploy', build.context, build.dockerfile)), name)
    // As the image sets them; a setting that is unknown or can not go with the others throws. What Compose hands in as a file is one of ours.
    const settings = Object.fromEntries(Object.entries(environment).map(([key, value]) => [key, value.startsWith('/run/secrets/') ? secretFile('redis://:secret@redis:6379') : value]))
    const config = readConfig({ ONCEKEY_HOST: '0.0.0.0', ONCEKEY_DATA_DIR: '/data', ...settings })
    assert.deepEqual([config.tls, config.plainHttp, config.plainMqtt, config.publicUrl], ['own', false, false, 'https://localhost:8443'])
  }
})
