import { emit, type Work } from './state.ts'

/** Characters in a row of the display. */
export const COLUMNS = 16

/** Shows a text for a while, in place of what the display would say by itself. */
export function tell (work: Work, first: string, second: string, forMs: number): void {
  work.state.notice = { rows: [first, second], until: work.now + forMs }
}

/** Says no, and shows why. */
export function refuse (work: Work, first: string, second: string, forMs: number): void {
  emit(work, { do: 'tone', tone: 'refused' })
  tell(work, first, second, forMs)
}

/** A name on the left and a word on the right; the name gives way, with a blank between them. */
export function beside (name: string, word: string): string {
  return name.slice(0, COLUMNS - 1 - word.length).padEnd(COLUMNS - word.length) + word
}
