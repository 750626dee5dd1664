/** A program that verifies e-mail addresses through a fleet, and the mailbox that its codes go to. */
import { mailServer, type MailServer } from '../../e2e/support/mail.ts'
import type { Database } from './databases.ts'
import { startFleet, type Fleet } from './servers.ts'

export type Said = { status: number, text: string }
export type Challenge = { id: string, to: string, digits: string }

export type Challenger = {
  fleet: Fleet
  mail: MailServer
  /** A raw request by the key at one of the processes, in turn. */
  post: (path: string, body?: object, headers?: Record<string, string>) => Promise<Said>
  get: (path: string) => Promise<Said>
  /** A new challenge for a new address, with the digits that arrived there. */
  start: () => Promise<Challenge>
  /** The digits of the newest of `count` messages to an address. */
  digits: (to: string, count?: number) => Promise<string>
  check: (id: string, code: string, headers?: Record<string, string>) => Promise<Said>
  end: () => Promise<void>
}

export async function openChallenger (database: Database, count: number, env: Record<string, string> = {}): Promise<Challenger> {
  const mail = await mailServer()
  const fleet = await startFleet(database, count, { ONCEKEY_SMTP_URL: mail.url, ...env })
  const { secret } = await fleet.owner.apiKeys.make({ name: 'Shop' })
  let turn = 0
  let addresses = 0
  const call = async (method: 'GET' | 'POST', path: string, body?: object, headers: Record<string, string> = {}): Promise<Said> => {
    const { url } = fleet.processes[turn++ % fleet.processes.length] ?? { url: '' }
    const answer = await fetch(`${url}/api/v1/${path}`, {
      method, headers: { authorization: `Bearer ${secret}`, ...body === undefined ? {} : { 'content-type': 'application/json' }, ...headers }, ...body === undefined ? {} : { body: JSON.stringify(body) }
    })
    return { status: answer.status, text: await answer.text() }
  }
  const challenger: Challenger = {
    fleet, mail,
    post: (path, body, headers) => call('POST', path, body, headers),
    get: (path) => call('GET', path),
    async start () {
      const to = `person${++addresses}@example.org`
      const { status, text } = await challenger.post('verifications', { to })
      if (status !== 201) throw new Error(text)
      // The server wrote it, by its own schema.
      return { id: (JSON.parse(text) as { id: string }).id, to, digits: await challenger.digits(to) }
    },
    async digits (to, count = 1) {
      const arrived = (): string[] => mail.mails.filter((one) => one.to?.some((address) => address.address === to)).map((one) => /#(\d{6})/.exec(one.text ?? '')?.[1] ?? '')
      for (let waited = 0; arrived().length < count; waited++) {
        if (waited > 20) throw new Error(`No code arrived at ${to}.`)
        await mail.until(mail.mails.length + 1, 2000).catch(() => {})
      }
      return arrived()[count - 1] ?? ''
    },
    check: (id, code, headers) => challenger.post(`verifications/${id}/check`, { code }, headers),
    async end () {
      await fleet.end()
      await mail.close()
    }
  }
  return challenger
}

export function isApproved ({ text }: Said): boolean {
  return text.includes('"approved"')
}
