import type { Client } from '@oncekey/client'
import type { Controller } from '@oncekey/protocol/schemas'
import { identityFrom, mqttLink, nodeHmac, simulateDoor, type DoorOptions, type SimulatedDoor } from '@oncekey/simulator'
import { knowKeys } from './raw.ts'

/** Starts one of the demonstration site's controllers as a program of its own, over TCP. */
export async function simulatedDoor (client: Client, mqttPort: number, which: string, more: Partial<DoorOptions> = {}): Promise<{ door: SimulatedDoor, controller: Controller }> {
  const places = await client.places.get()
  const controller = places.controllers.find((one) => one.name.includes(which))
  if (controller === undefined) throw new Error(`No controller ${which} among ${places.controllers.map((one) => one.name).join(', ')}`)
  const simulation = await client.controllers.simulation(controller.id)
  const identity = identityFrom(simulation)
  const door = simulateDoor({ identity, locks: simulation.locks, link: mqttLink({ url: `mqtt://127.0.0.1:${mqttPort}` }), hmac: nodeHmac, ...more })
  knowKeys(door, simulation)
  await door.until((one) => one.connected && one.rows()[1].includes('Enter code'), 15_000)
  return { door, controller }
}
