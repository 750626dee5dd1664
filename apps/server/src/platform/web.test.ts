import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { testHouse } from '../testing/house.ts'

test('a door has a page of its own, every other address has the app\'s, both under the configured path', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'oncekey-web-'))
  writeFileSync(join(folder, 'index.html'), '<base href="/"><p>app</p>')
  writeFileSync(join(folder, 'door.html'), '<base href="/"><p>door</p>')
  const house = await testHouse({ env: { ONCEKEY_WEB_DIR: folder, ONCEKEY_PUBLIC_URL: 'https://example.org/keys' } })
  try {
    const page = async (url: string): Promise<string> => (await house.app.inject({ url, headers: { accept: 'text/html' } })).body
    assert.equal(await page('/door/019ab'), '<base href="/keys/"><p>door</p>')
    for (const url of ['/', '/access', '/door', '/doors/1', '/sign-in?next=/door/1']) assert.equal(await page(url), '<base href="/keys/"><p>app</p>', url)
    assert.equal((await house.app.inject({ url: '/door/019ab', headers: { accept: 'application/json' } })).json().code, 'notFound')
  } finally {
    await house.close()
    rmSync(folder, { recursive: true, force: true })
  }
})
