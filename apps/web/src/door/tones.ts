import type { Tone } from '@oncekey/simulator/browser'

/** What the buzzer plays; 0 Hz is a pause. */
export function tonesOf (tone: Tone): readonly { hz: number, ms: number }[] {
  const thrice = [{ hz: 1000, ms: 100 }, { hz: 0, ms: 100 }, { hz: 1000, ms: 100 }, { hz: 0, ms: 100 }, { hz: 1000, ms: 100 }]
  switch (tone) {
    case 'key': return [{ hz: 800, ms: 50 }]
    case 'granted': case 'connected': case 'sent': return [{ hz: 1000, ms: 200 }]
    case 'refused': return [{ hz: 300, ms: 500 }]
    case 'start': return [{ hz: 1200, ms: 100 }, { hz: 1500, ms: 100 }, { hz: 1800, ms: 100 }]
    case 'moved': return thrice
  }
}
