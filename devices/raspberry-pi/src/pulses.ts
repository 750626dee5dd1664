/** Hardware PWM by the kernel's own files: exact pulses whatever the processor does. */
import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { PERIOD_US } from '@oncekey/drivers'

export type Pulses = {
  /** Pulses of `us`, fifty a second; 0 = none. */
  pulse: (us: number) => void
  /** A tone; 0 = silence. */
  sound: (hz: number) => void
}

/** @param chip folder of the chip, like /sys/class/pwm/pwmchip0 @param channel its number there */
export function pwmChannel (chip: string, channel: number): Pulses {
  const folder = join(chip, `pwm${channel}`)
  const put = (name: string, value: number): void => { writeFileSync(join(folder, name), String(value)) }
  if (!existsSync(folder)) writeFileSync(join(chip, 'export'), String(channel))

  function run (periodNs: number, dutyNs: number): void {
    // A duty longer than its period is refused, so it is nothing while the period changes.
    put('duty_cycle', 0)
    put('period', periodNs)
    put('duty_cycle', dutyNs)
    put('enable', 1)
  }

  return {
    pulse: (us) => us === 0 ? put('enable', 0) : run(PERIOD_US * 1000, us * 1000),
    sound: (hz) => hz === 0 ? put('enable', 0) : run(Math.round(1e9 / hz), Math.round(5e8 / hz))
  }
}
