/** People who sign in by codes in their mail through a fleet, and strangers who would like to. */
import { request } from 'node:http'
import { mailServer, type MailServer } from '../../e2e/support/mail.ts'
import type { Said } from './challenger.ts'
import type { Database } from './databases.ts'
import { startFleet, type Fleet } from './servers.ts'

export const PASSWORD = 'nine brown herons'

export type Asked = { login: string, challenge: string, digits: string }

export type Accounts = {
  fleet: Fleet
  mail: MailServer
  /** A request of nobody at one of the processes, in turn; each from an address of its own, as whoever has many machines. */
  post: (path: string, body: object) => Promise<Said>
  /** Has a code mailed to the next of the members, hours after the last one; gives what arrived. */
  ask: () => Promise<Asked>
  answer: (challenge: string, code: string) => Promise<Said>
  /** The digits of the newest of `count` messages with a code to an address. */
  digits: (to: string, count: number) => Promise<string>
  /** How many messages with a code an address has. */
  arrived: (to: string) => number
  pass: (ms: number) => Promise<void>
  end: () => Promise<void>
}

/** An odd number: of two askings that take turns each member gets both. */
const MEMBERS = 7

export async function openAccounts (database: Database, count: number): Promise<Accounts> {
  const mail = await mailServer()
  const fleet = await startFleet(database, count, { ONCEKEY_SMTP_URL: mail.url })
  const logins = Array.from({ length: MEMBERS }, (_, i) => `member${i}@example.org`)
  for (const email of logins) await fleet.owner.people.add({ name: email.split('@')[0] ?? '', email, role: 'member', password: PASSWORD })
  let turn = 0
  let asked = 0
  let ahead = 0
  const codesAt = (to: string): string[] => mail.mails.filter((one) => one.to?.some((address) => address.address === to)).flatMap((one) => /#(\d{6,})/.exec(one.text ?? '')?.[1] ?? [])
  const accounts: Accounts = {
    fleet, mail,
    async post (path, body) {
      const { url } = fleet.processes[turn++ % fleet.processes.length] ?? { url: '' }
      return postFrom(`127.9.${turn >> 7 & 0x7f}.${1 + (turn & 0x7f)}`, `${url}/api/v1/${path}`, JSON.stringify(body))
    },
    async ask () {
      const login = logins[asked++ % MEMBERS] ?? ''
      if (asked % MEMBERS === 1) await accounts.pass(6 * 3_600_000)
      const before = accounts.arrived(login)
      const { status, text } = await accounts.post('sign-in-codes', { login })
      if (status !== 202) throw new Error(text)
      // The server wrote it, by its own schema.
      return { login, challenge: (JSON.parse(text) as { challenge: string }).challenge, digits: await accounts.digits(login, before + 1) }
    },
    answer: (challenge, code) => accounts.post('sessions/by-code', { challenge, code }),
    async digits (to, count) {
      for (let waited = 0; codesAt(to).length < count; waited++) {
        if (waited > 20) throw new Error(`No code arrived at ${to}.`)
        await mail.until(mail.mails.length + 1, 2000).catch(() => {})
      }
      return codesAt(to)[count - 1] ?? ''
    },
    arrived: (to) => codesAt(to).length,
    async pass (ms) {
      ahead += ms
      await fleet.setAhead(ahead)
    },
    async end () {
      await fleet.end()
      await mail.close()
    }
  }
  return accounts
}

function postFrom (localAddress: string, url: string, body: string): Promise<Said> {
  return new Promise((resolve, reject) => {
    const call = request(url, { method: 'POST', localAddress, agent: false, headers: { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) } }, (answer) => {
      let text = ''
      answer.setEncoding('utf8').on('data', (part: string) => { text += part }).once('end', () => { resolve({ status: answer.statusCode ?? 0, text }) }).once('error', reject)
    })
    call.once('error', reject).end(body)
  })
}

export function isSignedIn ({ text }: Said): boolean {
  return text.includes('"granted":true')
}

/** Tries that are left, by the answer to a wrong code. */
export function triesLeft ({ text }: Said): number {
  return Number(/"triesLeft":(\d+)/.exec(text)?.[1] ?? -1)
}
