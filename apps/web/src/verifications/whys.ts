import { knows, t } from '../texts/texts.svelte.ts'

/** A reason in words; one that we have no words for is shown as the other side said it. */
export function whyText (of: 'fault' | 'guard' | 'check', why: string): string {
  const [word = '', ...more] = why.split(' ')
  const key = `verify.${of}.${word}`
  return knows(key) ? [t(key), ...more].join(' ') : why
}
