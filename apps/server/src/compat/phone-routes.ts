import type { FastifyReply } from 'fastify'
import { Type } from 'typebox'
import { noteRefusal } from '../guard/figures.ts'
import { SendRefused } from '../guard/guard.ts'
import type { House } from '../house.ts'
import type { App } from '../platform/http.ts'
import { Problem } from '../platform/problems.ts'
import { addresseeOf } from '../verifications/address.ts'
import type { Asker } from '../verifications/start.ts'
import { checkPhoneCode, findPhoneProgram, requestPhoneCode } from './phone.ts'

/** What pages of such programs call the field for the recipient, and the one for the code. */
const recipientFields = ['phone', 'phone_number', 'phoneNumber', 'mobile', 'number', 'email', 'to'] as const
const codeFields = ['otp', 'code'] as const
const LONGEST = 254
/** As keys are made: an old program with a door or a locker has another kind of token at the same place. */
const KEY = ':key(^ok_[\\w-]{43}$)'

/**
 * The old program with phone numbers: `POST generate-otp`, `POST verify-otp`, in JSON or as a form, with an API key of the
 * scope `compat` in the address. Not in the API's document: nobody is to write new programs against it.
 */
export function phoneProgramRoutes (outer: App, house: House): void {
  void outer.register(async (app: App) => {
    // Only here: nowhere else does a form count as a body.
    app.addContentTypeParser('application/x-www-form-urlencoded', { parseAs: 'string' }, (_request, body, done) => { done(null, Object.fromEntries(new URLSearchParams(String(body)))) })
    const options = { config: { audience: 'everybody' as const }, schema: { hide: true, params: Type.Object({ key: Type.String({ maxLength: 100 }) }) } }

    app.post(`/compat/${KEY}/generate-otp`, options, async (request, reply) => {
      const asker = await findPhoneProgram(house, keyIn(request.params))
      const to = fieldOf(request.body, recipientFields)
      if (to === null) return says(reply, 400, 'Phone number is required')
      return answer(house, reply, async () => {
        const recipient = await addresseeOf({ to: to.trim() })
        await house.db.write((trx) => requestPhoneCode(trx, house, recipient, asker))
        return says(reply, 200, 'OTP sent successfully')
      })
    })

    app.post(`/compat/${KEY}/verify-otp`, options, async (request, reply) => {
      const asker = await findPhoneProgram(house, keyIn(request.params))
      const to = fieldOf(request.body, recipientFields)
      const code = fieldOf(request.body, codeFields)
      if (to === null || code === null) return says(reply, 400, 'Phone number and OTP are required')
      return answer(house, reply, async () => await isRight(house, to, code, asker)
        ? says(reply, 200, 'OTP verified successfully')
        // Wrong, late, used, and for nobody: one answer.
        : says(reply, 400, 'Invalid or expired OTP'))
    })
  })
}

/** In each of the shapes that such pages read. */
function says (reply: FastifyReply, code: number, message: string): FastifyReply {
  const isFine = code === 200
  return reply.status(code).send({ success: isFine, status: isFine ? 'success' : 'error', message, ...!isFine && { error: message } })
}

/** What can not be served, in the old words where there are some. */
async function answer (house: House, reply: FastifyReply, serve: () => Promise<FastifyReply>): Promise<FastifyReply> {
  try {
    return await serve()
  } catch (error) {
    if (!(error instanceof Problem)) throw error
    if (error instanceof SendRefused) noteRefusal(house, error)
    if (error.more.retryAfterSeconds !== undefined) void reply.header('retry-after', String(error.more.retryAfterSeconds))
    switch (error.code) {
      case 'coolingDown': case 'tooManyTries': return says(reply, 429, 'Too many requests')
      case 'channelNotSetUp': return says(reply, 503, 'Messages can not be sent this way')
      case 'sendRefused': return says(reply, 403, 'This number can not be used')
      case 'badRequest': return says(reply, 400, 'Invalid phone number')
      default: throw error
    }
  }
}

function keyIn (params: unknown): string {
  return typeof params === 'object' && params !== null && 'key' in params ? String(params.key) : ''
}

/** A text, or a number as text: pages send either. */
function fieldOf (body: unknown, names: readonly string[]): string | null {
  if (typeof body !== 'object' || body === null) return null
  for (const name of names) {
    const value: unknown = Reflect.get(body, name)
    if (typeof value === 'number' && Number.isSafeInteger(value)) return String(value)
    if (typeof value === 'string' && value.trim() !== '' && value.length <= LONGEST) return value
  }
  return null
}

async function isRight (house: House, to: string, code: string, asker: Asker): Promise<boolean> {
  const recipient = await addresseeOf({ to: to.trim() })
  return house.db.write((trx) => checkPhoneCode(trx, house, recipient, code, asker))
}
