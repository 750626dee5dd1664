import type { Client } from '@oncekey/client'
import type { Controller } from '@oncekey/protocol/schemas'
import { identityFrom, mqttLink, nodeHmac, simulateDoor, type SimulatedDoor } from '@oncekey/simulator'
import { lootOf, type Loot } from './thief.ts'

/** A controller of the demonstration by its name, with the key that somebody may have stolen. */
export async function controllerNamed (client: Client, name: string): Promise<{ controller: Controller, loot: Loot }> {
  const { controllers } = await client.places.get()
  const controller = controllers.find((one) => one.name === name)
  if (controller === undefined) throw new Error(`No controller ${name} among ${controllers.map((one) => one.name).join(', ')}.`)
  return { controller, loot: lootOf(await client.controllers.simulation(controller.id)) }
}

/** An honest door over TCP, on line and ready. */
export async function honestDoor (client: Client, mqttPort: number, name: string): Promise<SimulatedDoor> {
  const { controller } = await controllerNamed(client, name)
  const simulation = await client.controllers.simulation(controller.id)
  const door = simulateDoor({ identity: identityFrom(simulation), locks: simulation.locks, link: mqttLink({ url: `mqtt://127.0.0.1:${mqttPort}` }), hmac: nodeHmac })
  await door.until((one) => one.connected && one.rows()[1].includes('Enter code'), 20_000)
  return door
}
