import { knows, t, type TextKey } from '../texts/texts.svelte.ts'

/** A word of the server's for a try that failed, as a sentence; null: the other side's own number or a word of the network's. */
export function faultText (fault: string): TextKey | null {
  const key = `dev.fault.${fault}`
  return knows(key) ? key : null
}

/** The same with what the other side says behind it, e.g. its number; without words of ours as it came. */
export function faultWords (fault: string): string {
  const [word = '', ...more] = fault.split(' ')
  const key = faultText(word)
  return key === null ? fault : [t(key), ...more].join(' ')
}
