/** Doors without hardware, for Node: one for a test, thousands for a load run. */
export { simulateDoor, type DoorOptions, type LockView, type SimulatedDoor } from './door.ts'
export { identityFrom, type IdentityFile } from './identity.ts'
export { seeded, withFaults, type Faults } from './fault.ts'
export { memoryStorage, realClock, realEntropy, type Clock, type Entropy, type Link, type LinkListener, type Login, type Storage } from './ports.ts'
export { mqttLink, type NodeLinkOptions } from './mqtt-node.ts'
export { browserLink, type BrowserLinkOptions } from './mqtt-browser.ts'
export { nodeHmac } from './hmac.ts'
export type { Passed } from './host.ts'
