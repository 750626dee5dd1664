// What a device gets beside its host: the program of the door, and the drivers of what hangs on its pins.
export * from '@oncekey/controller'
export * from '@oncekey/drivers'
