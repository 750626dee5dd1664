/**
 * Between the controller program and a box at a door: the runner that carries its effects out, the parts of a real
 * board over tiny pins, and what every board needs before it has a network and an owner.
 */
export { loginOf, newRunner, type Runner, type Watcher } from './runner.ts'
export { memoryStorage, type Clock, type Entropy, type Hearing, type Link, type LinkListener, type Login, type Parts, type Reading, type RunnerPorts, type Storage } from './ports.ts'
