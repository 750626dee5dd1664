import { AjvCompiler } from '@fastify/ajv-compiler'
import { SerializerSelector } from '@fastify/fast-json-stringify-compiler'
import type { FastifyError, FastifySchemaCompiler, FastifySerializerCompiler } from 'fastify'

/*
 * What checks requests and writes answers is compiled from the routes' schemas, each when it is first needed: to compile all of
 * them took half of a start, and most are not asked for in a day.
 */

/** A body is JSON and says what it means: there a null is no 0 and "1" no number. Addresses and headers are text. */
const validators = AjvCompiler()
const checks = { removeAdditional: false, allErrors: true }
const asWritten = validators({}, { customOptions: { ...checks, coerceTypes: false } })
const fromText = validators({}, { customOptions: { ...checks, coerceTypes: 'array' } })
const serializers = SerializerSelector()({}, {})

/** Checks a part of a request, and makes its texts what the schema says. */
export const validatorOf: FastifySchemaCompiler<unknown> = (definition) => {
  let check: ReturnType<typeof asWritten> | undefined
  const late = (data: unknown): boolean => {
    // The compiler takes the route's whole definition, whatever its type says.
    check ??= definition.httpPart === 'body' ? asWritten(definition) : fromText(definition)
    const isRight = check(data) === true
    late.errors = check.errors ?? null
    return isRight
  }
  late.errors = null as NonNullable<FastifyError['validation']> | null
  return late
}

/** Writes an answer: what its schema names, and nothing else. */
export const serializerOf: FastifySerializerCompiler<unknown> = (definition) => {
  let write: ((data: unknown) => string) | undefined
  return (data) => (write ??= serializers({ ...definition, httpStatus: definition.httpStatus ?? '' }))(data)
}
