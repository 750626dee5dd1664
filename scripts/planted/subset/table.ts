export type Maybe = number | null

export const table = { words: ['one'], size: 1, undefined }
