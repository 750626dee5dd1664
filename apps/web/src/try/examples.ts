import { quoted } from '../ui/shell.ts'

/** The two calls by which a program does what this page does. Pure: where the server is and what was typed are given. */
export type Asked = { base: string, to: string, channel: string, language: string }

/** For a shell: whatever somebody typed stays one word of it. */
export function curlOf ({ base, to, channel, language }: Asked): string {
  const key = '-H "Authorization: Bearer $ONCEKEY_KEY"'
  const json = "-H 'Content-Type: application/json'"
  return `curl ${quoted(`${base}api/v1/verifications`)} \\
  ${key} ${json} \\
  -d ${quoted(JSON.stringify({ to, channel, language }))}

# ID: the "id" of that answer
curl "${base}api/v1/verifications/$ID/check" \\
  ${key} ${json} \\
  -d '{"code":"123456"}'`
}

export function clientOf ({ base, to, channel, language }: Asked): string {
  return `import { createClient } from '@oncekey/client'

const shop = createClient({ base: ${literal(base)}, apiKey: process.env.ONCEKEY_KEY })
const { id } = await shop.verifications.start({
  to: ${literal(to)}, channel: ${literal(channel)}, language: ${literal(language)}
})

const { status } = await shop.verifications.check(id, code)
if (status === 'approved') letIn()`
}

function literal (text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'").replaceAll(/[\n\r\u2028\u2029]/g, ' ')}'`
}
