import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import jsqr from 'jsqr'
import { assertFine } from './support/axe.ts'
import { ownersJourney } from './support/journey.ts'
import { openPage } from './support/browser.ts'
import { signIn } from './support/pages.ts'
import { runServer, setUp } from './support/server.ts'

const { server, client, page, browser, errors } = await ownersJourney({})
const folder = mkdtempSync(join(tmpdir(), 'oncekey-labels-'))
after(() => { rmSync(folder, { recursive: true, force: true }) })
const main = () => page.getByRole('main')

type Picture = { width: number, height: number, grey: Uint8Array }

/** What a printer would get: each page of a PDF in shades of grey, 200 dots per inch, which is less than any printer has. */
function pagesOf (pdf: Buffer): Picture[] {
  const here = mkdtempSync(join(folder, 'pdf-'))
  writeFileSync(join(here, 'labels.pdf'), pdf)
  const drawn = spawnSync('pdftoppm', ['-gray', '-r', '200', join(here, 'labels.pdf'), join(here, 'page')])
  assert.equal(drawn.error, undefined, 'This journey needs pdftoppm. Install it: "sudo apt-get install poppler-utils".')
  return readdirSync(here).filter((name) => name.endsWith('.pgm')).toSorted().map((name) => {
    const bytes = readFileSync(join(here, name))
    const head = /^P5\s+(\d+)\s+(\d+)\s+255\s/.exec(bytes.subarray(0, 60).toString('latin1'))
    assert.ok(head, name)
    return { width: Number(head[1]), height: Number(head[2]), grey: bytes.subarray(head[0].length) }
  })
}

/** What stands where a sheet has its labels: two columns of 92 mm, five rows of 47 mm, 2 mm between them. A code that a break cut, or that lies elsewhere, is not read. */
function codesOn ({ width, height, grey }: Picture): string[] {
  const dots = (mm: number): number => Math.round(mm / 25.4 * 200)
  return [0, 1, 2, 3, 4].flatMap((row) => [-93, 1].flatMap((fromMiddle) => {
    const [left, top, wide, high] = [Math.round(width / 2) + dots(fromMiddle), dots(10 + row * 49), dots(44), dots(47)]
    assert.ok(left > 0 && top + high < height)
    const pixels = new Uint8ClampedArray(wide * high * 4)
    for (let y = 0; y < high; y++) for (let x = 0; x < wide; x++) pixels.fill(grey[(top + y) * width + left + x] ?? 255, (y * wide + x) * 4, (y * wide + x) * 4 + 4)
    return jsqr.default(pixels, wide, high)?.data ?? []
  }))
}

test('the page of labels says what to set when nobody said where people reach the server', async () => {
  await page.goto(server.url + '/places')
  await main().getByRole('button', { name: 'Labels to print' }).click()
  await main().getByText('set ONCEKEY_PUBLIC_URL').waitFor()
  await main().getByTestId('label').first().waitFor()
  await assertFine(page, 'labels to print')
})

for (const { paper, inches } of [{ paper: 'a4', inches: [8.27, 11.69] }, { paper: 'letter', inches: [8.5, 11] }]) {
  test(`all labels on ${paper}, from a dark theme: whole, black on white, each QR code leads to its own access point`, async () => {
    await page.goto(server.url + '/places?labels=')
    await main().getByLabel('Paper').selectOption(paper)
    await main().getByRole('button', { name: 'Print' }).waitFor()
    await page.emulateMedia({ colorScheme: 'dark', media: 'print' })
    const pdf = await page.pdf({ preferCSSPageSize: true, printBackground: true })
    if (process.env['PICTURES'] !== undefined) writeFileSync(join(process.env['PICTURES'], `labels-${paper}.pdf`), pdf)
    await page.emulateMedia({ colorScheme: 'light', media: 'screen' })
    const { banks, doors } = await client.places.get()
    const points = [...banks.flatMap((bank) => bank.accessPoints), ...doors]
    const pages = pagesOf(pdf)
    assert.equal(pages.length, Math.ceil(points.length / 10))
    for (const { width, height, grey } of pages) {
      assert.deepEqual([width, height].map((dots, i) => Math.abs(dots - (inches[i] ?? 0) * 200) < 4), [true, true], `${width} x ${height}`)
      assert.ok(grey[0] === 255 && grey[grey.length - 1] === 255, 'the paper is white')
    }
    const codes = pages.flatMap(codesOn)
    assert.deepEqual(codes.toSorted(), points.map((point) => `${server.url}/at/${point.id}`).toSorted())
  })
}

test('somebody who scans one signs in, and has one button for that one; a stranger to it learns nothing', async () => {
  const { person } = await client.people.add({ name: 'Ana Lund', email: 'ana@example.org', role: 'member', password: 'four grey harbours' })
  const [first, second] = (await client.places.get()).banks[0]?.accessPoints ?? []
  assert.ok(first && second)
  await client.grants.give({ personId: person.id, accessPointIds: [first.id] })
  const phone = await openPage(browser, { size: 'phone' })
  await phone.page.goto(`${server.url}/at/${first.id}`)
  await phone.page.locator('input[autocomplete~="username"]').fill('ana@example.org')
  await phone.page.locator('input[type="password"]').fill('four grey harbours')
  await phone.page.getByRole('button', { name: 'Sign in' }).click()
  await phone.page.getByRole('heading', { level: 1, name: first.name }).waitFor()
  await assertFine(phone.page, 'scanned at a compartment')
  await phone.page.getByRole('button', { name: 'Get a code' }).click()
  await phone.page.getByTestId('code-digits').waitFor()
  for (const id of [second.id, 'nobody-has-this']) {
    await phone.page.goto(`${server.url}/at/${id}`)
    await phone.page.getByText('You have no access here right now').waitFor()
    assert.equal(await phone.page.getByText(second.name, { exact: true }).count(), 0)
  }
  await assertFine(phone.page, 'scanned without access')
  assert.deepEqual([...phone.errors.filter((error) => !error.includes('401')), ...errors], [])
  await phone.context.close()
})

test('with a public address labels lead there, of the bank that was chosen, in the language that was chosen', async () => {
  const before = await runServer()
  const owner = await setUp(before)
  const { banks } = await owner.places.get()
  await before.close()
  const publicUrl = before.url.replace('127.0.0.1', 'localhost')
  const other = await runServer({ ONCEKEY_PORT: new URL(before.url).port, ONCEKEY_PUBLIC_URL: `${publicUrl}/` }, { folder: before.folder })
  try {
    const { context, page } = await openPage(browser)
    await signIn(page, publicUrl)
    await page.goto(`${publicUrl}/places?labels=${banks[0]?.id}`)
    await page.getByLabel('Language of the labels').selectOption('de')
    await page.getByText('Scannen, Code holen').first().waitFor()
    assert.equal(await page.getByText('set ONCEKEY_PUBLIC_URL').count(), 0)
    const codes = pagesOf(await page.pdf({ preferCSSPageSize: true })).flatMap(codesOn)
    assert.deepEqual(codes.toSorted(), banks[0]?.accessPoints.map((point) => `${publicUrl}/at/${point.id}`).toSorted())
    await context.close()
  } finally {
    await other.end()
  }
})
