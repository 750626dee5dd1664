/** What the buzzer plays. The names are the controller program's. */
export type ToneName = 'start' | 'key' | 'connected' | 'sent' | 'granted' | 'moved' | 'refused'

/** A note of `hz` for `ms`; 0 Hz is silence. */
export type Note = { readonly hz: number, readonly ms: number }

/** Silence between two notes that are alike, so that three beeps are three. */
const gap: Note = { hz: 0, ms: 100 }

/** The notes of a tone: rising at the start, short for a key, high for what went well, low for what did not. */
export function notesOf (tone: ToneName): readonly Note[] {
  switch (tone) {
    case 'start': return [{ hz: 1200, ms: 100 }, { hz: 1500, ms: 100 }, { hz: 1800, ms: 100 }]
    case 'key': return [{ hz: 800, ms: 50 }]
    case 'connected': return [{ hz: 1000, ms: 100 }, { hz: 1500, ms: 100 }]
    case 'sent': return [{ hz: 1500, ms: 200 }]
    case 'granted': return [{ hz: 1000, ms: 200 }]
    case 'moved': return [{ hz: 1000, ms: 100 }, gap, { hz: 1000, ms: 100 }, gap, { hz: 1000, ms: 100 }]
    case 'refused': return [{ hz: 300, ms: 500 }]
  }
}
