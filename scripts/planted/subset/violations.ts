// Each marked line breaks the language of the device in the ways that its comment names; the lines without one do not.
import { table } from './table.ts'
import type { Maybe } from './table.ts'

const limits: readonly number[] = Object.freeze([1, 2, 3])
let count = 0 // a variable of the module
const seen = new Map<string, number>() // an object of the module that is there to be written to; Map
const scratch = new Uint8Array(64) // an object of the module that is there to be written to

export function remember (key: string): number {
  count++
  const mine = new Uint8Array(4)
  mine[0] = limits[0]!
  mine.set([1, 2])
  seen.set(key, 1) // a write to a constant of the module
  scratch[0] = 1 // a write to a constant of the module
  table.words.push(key) // a write to a constant of the module
  table.size++ // a write to a constant of the module
  return mine.length
}

export function when (): number {
  return Date.now() // Date
}

export function chance (): number {
  return Math.random() // Math.random
}

export function shown (name: string, value: number): string {
  const price = new Intl.NumberFormat('en').format(value) // Intl
  return name.toLocaleUpperCase() + price // toLocaleUpperCase
}

export const order = (a: string, b: string): number => a.localeCompare(b) // localeCompare

export function later (done: () => void): void {
  setTimeout(done, 5) // setTimeout
  queueMicrotask(done) // queueMicrotask
}

export async function wait (): Promise<void> { // something asynchronous
  await null // something asynchronous
}

export function isNumber (text: string): boolean {
  return /^[0-9]+$/.test(text) // a regular expression
}

export function bytes (text: string): Uint8Array {
  return new TextEncoder().encode(text) // TextEncoder
}

export function copy (value: object): object {
  return structuredClone(value) // structuredClone
}

export function run (source: string): unknown {
  return eval(source) // eval
}

export function make (source: string): unknown {
  return Function(source) // Function
}

export function wide (value: any): number { // any
  const list: Array<any> = [value] // any
  return list.length
}

export function cast (value: unknown): Maybe {
  return value as Maybe // a cast
}

export const big = 10n // a BigInt
export const door = 'Tür' // a text that is not ASCII
export const load = (): unknown => import('./table.ts') // an import at run time
export const fields = { process: 1, crypto: limits.length, path: globalThis.name } // globalThis
