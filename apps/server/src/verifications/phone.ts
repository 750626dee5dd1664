import { isSupportedCountry, parsePhoneNumberWithError, type NumberType, type PhoneNumber } from 'libphonenumber-js/max'
import type { InLanguages } from '../platform/language.ts'
import { inAll } from '../platform/needs/all.ts'
import { Problem } from '../platform/problems.ts'

/** What a numbering plan says that a number is for; where it does not tell fixed lines and mobiles apart, `fixedLineOrMobile`. */
export type PhoneType = 'mobile' | 'fixedLine' | 'fixedLineOrMobile' | 'voip' | 'personal' | 'pager' | 'uan' | 'voicemail' | 'tollFree' | 'sharedCost' | 'premiumRate'

export type Phone = {
  /** `+` and up to 15 digits (ITU-T E.164): the same for every way of writing one number. */
  e164: string
  /** ISO 3166-1 alpha-2; null for numbers of no country, e.g. +800. */
  country: string | null
  /** `e164` without its last four digits: ten thousand neighbouring numbers, as operators hand them out. At least the calling code. */
  prefix: string
  type: PhoneType
}

const types: Record<Exclude<NumberType, undefined>, PhoneType> = {
  MOBILE: 'mobile', FIXED_LINE: 'fixedLine', FIXED_LINE_OR_MOBILE: 'fixedLineOrMobile', VOIP: 'voip', PERSONAL_NUMBER: 'personal', PAGER: 'pager',
  UAN: 'uan', VOICEMAIL: 'voicemail', TOLL_FREE: 'tollFree', SHARED_COST: 'sharedCost', PREMIUM_RATE: 'premiumRate'
}
/** Two of the longest, with blanks and brackets. */
const MOST_CHARACTERS = 40
/** Arabic, Persian and Devanagari zeros; the nine other digits follow each. */
const zeros = [0x0660, 0x06f0, 0x0966]

/**
 * The phone number that a text is: international (`+49 151 …`), or as people write it in `country` (ISO 3166-1 alpha-2).
 * It is one that its country's numbering plan knows. What it costs to call is for others to judge, by `type`.
 *
 * Load this file when a number comes, by `await import()`, not at the start: the plans of all countries are 17 MB in memory.
 * @throws Problem badRequest, naming `to` or `country` and what it needs
 */
export function phoneOf (text: string, country?: string): Phone {
  const home = country?.toUpperCase()
  if (home !== undefined && !isSupportedCountry(home)) throw refusal('country', 'a country by its two letters (ISO 3166-1), e.g. DE')
  const written = plain(text)
  const number = written.length <= MOST_CHARACTERS && /^\+?[\d ()./-]*$/.test(written) ? parsed(written, home) : null
  if (number === null) throw refusal('to', home === undefined ? inAll((needs) => needs.mailOrPhone) : `a phone number with + and the number of its country, or as it is written in ${home}`)
  const type = number.getType()
  if (!number.isValid() || type === undefined || number.ext !== undefined) throw refusal('to', inAll((needs) => needs.callable))
  const { number: e164, countryCallingCode } = number
  return { e164, country: number.country ?? null, prefix: e164.slice(0, Math.max(e164.length - 4, countryCallingCode.length + 1)), type: types[type] }
}

/**
 * The same in plain signs: wide ones, the digits of other scripts, dashes and blanks of every kind. What nobody sees is
 * left out: a telephone's list of contacts puts marks of direction around each number that is copied from it.
 */
function plain (text: string): string {
  return text.slice(0, 4 * MOST_CHARACTERS).normalize('NFKC').replaceAll(/\p{Cf}/gu, '').replaceAll(/[\p{Pd}\u2212]/gu, '-').replaceAll(/\p{Zs}/gu, ' ')
    .replaceAll(/\p{Nd}/gu, (digit) => {
      const point = digit.codePointAt(0) ?? 0
      const zero = zeros.find((one) => point >= one && point <= one + 9)
      return zero === undefined ? digit : String(point - zero)
    }).trim()
}

function parsed (text: string, country: Parameters<typeof isSupportedCountry>[0] | undefined): PhoneNumber | null {
  try {
    return parsePhoneNumberWithError(text, { extract: false, ...(country === undefined || !isSupportedCountry(country) ? {} : { defaultCountry: country }) })
  } catch {
    return null
  }
}

function refusal (field: 'to' | 'country', needs: string | InLanguages): Problem {
  return new Problem('badRequest', { errors: [{ field, needs }] })
}
