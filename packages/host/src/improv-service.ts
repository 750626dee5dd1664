import { ABOUT, GET_STATE, NETWORK, newImprovReader, SCAN, SERVER, type ImprovState } from './improv-packet.ts'
import { errorPacket, readImprov, resultPacket, statePacket, type ImprovCommand } from './improv.ts'

export type ImprovPorts = {
  send: (packet: Uint8Array) => void
  /** Firmware, its version, chip, name of this box. */
  about: readonly [string, string, string, string]
  /** Where somebody goes on: the server's page; '' while the server is not known. */
  next: () => string
  /** Joins, and tells whether that went well; only then the network is kept. */
  join: (ssid: string, password: string, done: (isUp: boolean) => void) => void
  server: (url: string, fingerprint: string) => void
  /** Tells all networks that can be heard: name, strength in dBm, whether a password is asked for. */
  scan: (done: (found: readonly { ssid: string, dBm: number, isLocked: boolean }[]) => void) => void
}

/** The box's end of the line. Network and server can be set by whoever can plug in a cable: the serial port is on the safe side of the door. */
export function newImprovService (ports: ImprovPorts): { read: (byte: number) => void } {
  let reader = newImprovReader
  let state: ImprovState = 'ready'

  function enter (next: ImprovState): void {
    state = next
    ports.send(statePacket(state))
  }

  function obey (command: ImprovCommand): void {
    switch (command.is) {
      case 'invalid': return ports.send(errorPacket('invalidPacket'))
      case 'unknown': return ports.send(errorPacket('unknownCommand'))
      case 'state':
        ports.send(statePacket(state))
        if (state === 'provisioned') ports.send(resultPacket(GET_STATE, nextOf()))
        return
      case 'about': return ports.send(resultPacket(ABOUT, ports.about))
      case 'scan': return ports.scan((found) => {
        for (const { ssid, dBm, isLocked } of found) ports.send(resultPacket(SCAN, [ssid, String(dBm), isLocked ? 'YES' : 'NO']))
        ports.send(resultPacket(SCAN, []))
      })
      case 'server':
        ports.server(command.url, command.fingerprint)
        return ports.send(resultPacket(SERVER, nextOf()))
      case 'network':
        // One attempt at a time; the answer to the first is on its way.
        if (state === 'provisioning') return
        ports.send(errorPacket('none'))
        enter('provisioning')
        return ports.join(command.ssid, command.password, (isUp) => {
          if (!isUp) {
            ports.send(errorPacket('unableToConnect'))
            return enter('ready')
          }
          enter('provisioned')
          ports.send(resultPacket(NETWORK, nextOf()))
        })
    }
  }

  function nextOf (): string[] {
    const url = ports.next()
    return url === '' ? [] : [url]
  }

  return {
    read (byte) {
      const next = readImprov(reader, byte)
      reader = next.reader
      if (next.command !== null) obey(next.command)
    }
  }
}
