import { Id } from '../../../packages/protocol/src/schemas/common.ts'
export const bad = Id
