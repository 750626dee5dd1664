import Wifi from 'embedded:network/interface/wifi'
import AccessPoint from 'wifi'
import Timer from 'timer'

/** With an address. */
const READY = 500
const CONNECTING = 300
const SCAN_MS = 10_000

export type Radio = {
  /** Joins, or tries once more; tells whenever it got an address or lost it. What an earlier call wanted to be told is not told any more. */
  join: (ssid: string, password: string, told: (isUp: boolean) => void) => void
  /** Where it is, as the menu at the keypad shows it; '' where it is not. */
  address: () => string
  scan: (done: (found: { ssid: string, dBm: number, isLocked: boolean }[]) => void) => void
}

export function openRadio (): Radio {
  let told: (isUp: boolean) => void = () => {}
  let wasUp = false
  const radio = new Wifi({
    onChanged () {
      const isUp = this.connection === READY
      if (isUp === wasUp && (isUp || this.connection >= CONNECTING)) return
      wasUp = isUp
      told(isUp)
    }
  })

  return {
    address: () => radio.connection === READY ? radio.address ?? '' : '',
    join (ssid, password, hear) {
      told = () => {}
      radio.disconnect()
      wasUp = false
      told = hear
      radio.connect({ SSID: ssid, ...(password === '' ? {} : { password }) })
    },
    scan (done) {
      const found: { ssid: string, dBm: number, isLocked: boolean }[] = []
      let isDone = false
      const end = (): void => {
        if (isDone) return
        isDone = true
        done(found)
      }
      Timer.set(end, SCAN_MS)
      radio.scan({
        onFound ({ SSID, RSSI, security }) {
          if (SSID !== '' && !found.some((one) => one.ssid === SSID)) found.push({ ssid: SSID, dBm: RSSI, isLocked: security !== 'none' })
        },
        onComplete: end
      })
    }
  }
}

/** The box's own network, for a phone. A password keeps the street out of it. */
export function openAccessPoint (ssid: string, password: string): void {
  AccessPoint.accessPoint({ ssid, password })
}
