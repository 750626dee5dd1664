/**
 * Between the controller program and a box at a door: the runner that carries its effects out, the parts of a real
 * board over tiny pins, and what every board needs before it has a network and an owner.
 */
export { loginOf, newRunner, type Runner, type Watcher } from './runner.ts'
export { memoryStorage, type BatteryClock, type Clock, type Entropy, type Hearing, type Link, type LinkListener, type Login, type Parts, type Programs, type Reading, type RunnerPorts, type Storage } from './ports.ts'
export { newBoard, type BoardPins } from './board.ts'
export type { LockPins } from './locks.ts'
export { newOnline, type OnlinePorts, type Stage } from './online.ts'
export { claimAnswer, identityFrom, newClaimCode, newClaimForm, type BrokerAt, type ClaimAnswer, type ClaimForm, type Commissioned, type IdentityFile } from './claim.ts'
export { newClaiming, type ClaimingPorts } from './claiming.ts'
export { newImprovService, type ImprovPorts } from './improv-service.ts'
export { pagedStorage, type KeyValue } from './pages.ts'
export { certificateOf, isFingerprintOf } from './pem.ts'
export { retryPauseMs } from './retry.ts'
export { newUpdater, SECTOR, type UpdaterPorts } from './updater.ts'
export { newGatherer, newSender } from './fragments.ts'
export { addressOf, readSetupForm, savedPage, setupPage, type Address, type Place } from './setup-form.ts'
