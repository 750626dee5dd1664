import { Type, type Static } from 'typebox'
import { words } from './common.ts'
import { FileFault } from './people-import.ts'

const Count = Type.Integer({ minimum: 0 })

/** Why nothing of a file is taken: one word for each cure. */
export const PlaceFault = words('nameMissing', 'nameWrong', 'bankWrong', 'nameTwice', 'sizeWrong', 'heightWrong', 'sizeOfDoor')
export type PlaceFault = Static<typeof PlaceFault>

/** `line`: where the row begins in the file, the first line is 1. `value`: what stands there, cut short. */
export const FaultyPlace = Type.Object({ line: Count, fault: PlaceFault, value: Type.String(), otherLine: Type.Optional(Count) })
export type FaultyPlace = Static<typeof FaultyPlace>

/** What a row will do. One with a range may do several things. `bank`: null for a door. */
export const PlaceRow = Type.Object({ line: Count, name: Type.String(), bank: Type.Union([Type.String(), Type.Null()]), added: Count, changed: Count, here: Count })
export type PlaceRow = Static<typeof PlaceRow>

const sums = { banks: Type.Integer({ minimum: 0, description: 'new banks' }), added: Count, changed: Type.Integer({ minimum: 0, description: 'are here already, and get another size or height' }), here: Type.Integer({ minimum: 0, description: 'are here already, just so' }) }

/** POST /api/v1/places/imports/preview, text/csv: what an import of this file would do. Nothing is written. */
export const PlacesPreview = Type.Object({
  fault: Type.Union([Type.Object({ what: FileFault, line: Type.Union([Count, Type.Null()]) }), Type.Null()], { description: 'of the whole file' }),
  ...sums, faulty: Type.Integer({ minimum: 0, description: 'rows with a fault; with one of them nothing is imported' }),
  faults: Type.Array(FaultyPlace, { description: 'the first 200' }), rows: Type.Array(PlaceRow, { description: 'every good row' }),
  leftOut: Type.Array(Type.String(), { description: 'columns that are not used' })
})
export type PlacesPreview = Static<typeof PlacesPreview>

/** POST /api/v1/places/imports, text/csv: all of the file, or nothing. */
export const PlacesImported = Type.Object(sums)
export type PlacesImported = Static<typeof PlacesImported>
