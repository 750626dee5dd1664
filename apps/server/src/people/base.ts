import type { FastifyRequest } from 'fastify'
import type { House } from '../house.ts'

/** Where people reach us, without a slash at the end. */
export function baseOf (house: House, request: FastifyRequest): string {
  return house.config.publicUrl ?? `${request.protocol}://${request.host}`
}
