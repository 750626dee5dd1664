// Events as a door on the bench meets them, written down for two engines.
import { door, type DoorOptions } from '@oncekey/controller/testing'
import { live } from '@oncekey/controller/testing/life'
import type { Script } from './replay.ts'

/** A random life of at least 200 events. */
export function recordLife (seed: number): Script {
  const script: Script = []
  live({ seed, events: 400, watch: writeTo(script) })
  return script
}

/** A door's days, one after another; each call gives the events of one more. */
export function recordDays (): { boot: Script, day: () => Script } {
  let script: Script = []
  const d = door({ watch: (...happened) => writeTo(script)(...happened) })
  const boot = script
  let days = 0
  return { boot, day }

  /** The same things happen every day, so that the program is where it was: whatever it holds more, it lost hold of. */
  function day (): Script {
    script = []
    // The bench remembers what was done; two messages of a day are all that it needs.
    d.effects = []
    days++
    // Seldom: a boot would hide what a day leaves behind.
    if (days % 100 === 5) d.reboot()
    d.disconnect()
    d.type('471108#')
    d.wait(4000)
    d.online()
    d.ackAll()
    d.type('12*1234#')
    d.answer(false)
    d.wait(4000)
    d.type('471108#')
    d.answer(true)
    d.wait(300)
    d.openDoor()
    d.wait(3000)
    d.closeDoor()
    d.wait(11_000)
    d.command('day-' + String(days), 'unlock')
    d.wait(11_000)
    d.settings({ version: days + 1, language: ['en', 'de', 'es', 'fr'][days % 4] })
    d.ackAll()
    d.wait(60_000)
    return script
  }
}

function writeTo (script: Script): NonNullable<DoorOptions['watch']> {
  return (_, event, now) => { script.push([structuredClone(event), now]) }
}
