import assert from 'node:assert/strict'
import { test } from 'node:test'
import { detour, home, safeNext } from './guard.ts'

const stranger = { isSignedIn: false, isOperator: false, isSetUp: true }
const newcomer = { ...stranger, isSetUp: false }
const holder = { isSignedIn: true, isOperator: false, isSetUp: true }
const operator = { ...holder, isOperator: true }

test('a stranger signs in first and comes back to the wanted page', () => {
  assert.equal(detour('signedIn', stranger, '/inbox?x=1'), '/sign-in?next=%2Finbox%3Fx%3D1')
  assert.equal(detour('anyone', stranger, '/contact'), null)
})

test('before the set-up every guarded page leads to the first form', () => {
  assert.equal(detour('operators', newcomer, '/live'), '/start')
  assert.equal(home(newcomer), '/start')
})

test('a holder who opens an operator\'s page gets the own one', () => {
  assert.equal(detour('operators', holder, '/people'), '/access')
  assert.equal(detour('signedIn', holder, '/inbox'), null)
  assert.equal(detour('operators', operator, '/people'), null)
})

test('everybody has a home', () => {
  assert.deepEqual([stranger, holder, operator].map(home), ['/sign-in', '/access', '/live'])
})

test('after signing in only paths of our own are followed', () => {
  assert.equal(safeNext('/door/1?a=b'), '/door/1?a=b')
  for (const evil of ['//evil.example', 'https://evil.example', '/\\evil.example', 'javascript:alert(1)', '', null, '/a b']) assert.equal(safeNext(evil), null, String(evil))
})
