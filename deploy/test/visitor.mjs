// Runs in the network of a container: asks what standard input says, follows nothing, and prints the answer.
import { request as plain } from 'node:http'
import { request as secure } from 'node:https'
import { text } from 'node:stream/consumers'

const { url, method, headers, body, ca } = JSON.parse(await text(process.stdin))
const { protocol, origin } = new URL(url)
const answer = await new Promise((resolve, reject) => {
  const asked = (protocol === 'https:' ? secure : plain)(url, { method, headers: { origin, ...headers }, timeout: 20_000, ...ca !== null && { ca } }, resolve)
  asked.once('error', reject)
  asked.end(body)
})
const pairs = answer.rawHeaders.flatMap((name, i, all) => i % 2 === 0 ? [[name, all[i + 1]]] : []).filter(([name]) => name.toLowerCase() !== 'transfer-encoding')
process.stdout.write(JSON.stringify({ status: answer.statusCode, headers: pairs, body: await text(answer) }))
