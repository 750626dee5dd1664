import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { format } from '../texts/format.ts'
import { freshRule, ruleSentence, type Names } from './rule.ts'

const words = (language: 'en' | 'de'): Record<string, string> => Object.assign({}, ...['alarms', 'operator'].map((part) => JSON.parse(readFileSync(new URL(`../texts/${language}/${part}.json`, import.meta.url), 'utf8'))))
const names: Names = { people: new Map([['p1', 'Otto']]), banks: new Map([['b1', 'Bank A']]), points: new Map([['a1', 'Front door']]) }
const says = (rule: Partial<typeof freshRule>, language: 'en' | 'de' = 'en'): string => ruleSentence({ ...freshRule, ...rule }, names, (key, params) => format(words(language), language, key, params), language)

test('a rule is a sentence that says who hears of what, where, when and how', () => {
  assert.equal(says({}), 'By mail and notification to all owners and all administrators: everything, everywhere, at any hour.')
  assert.equal(says({ channel: 'mail', leastSeverity: 'alarm', roles: [], personIds: ['p1', 'gone'] }), 'By mail to Otto and somebody who is gone: every alarm, everywhere, at any hour.')
  assert.equal(says({ channel: 'push', kinds: ['battery', 'forced'], bankId: 'b1', schedule: { hours: [{ days: [1, 2, 3, 4, 5], fromMinute: 480, toMinute: 1080 }], alsoOnHolidays: false } }), 'By notification to all owners and all administrators: Door forced open and Battery low, at Bank A, Mon–Fri 08:00–18:00.')
  assert.equal(says({ channel: 'none', accessPointId: 'a1' }), 'Nobody is told: everything, at Front door, at any hour.')
  assert.equal(says({ roles: [] }), 'Nobody is told: everything, everywhere, at any hour.')
  assert.equal(says({}, 'de'), 'Per Mail und Benachrichtigung an alle Eigentümer und alle Administratoren: alles, überall, zu jeder Zeit.')
})
