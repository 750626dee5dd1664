import { readFileSync } from 'node:fs'
import { checkpointText, isSigned, readCheckpoint, readPublicKey, type Checkpoint } from './format.ts'

/** What witnesses saw, by row. */
export type Witnessed = { bySeq: Map<number, Checkpoint[]>, count: number }

/**
 * Reads checkpoints that were kept elsewhere: files of a witness, or mails saved as text. Lines that are none are passed over.
 * @throws Error when a file has no checkpoint at all, or one that this key did not sign
 */
export function readWitnesses (paths: readonly string[], publicKey: string): Witnessed {
  const key = readPublicKey(publicKey)
  if (key === null) throw new Error(`"${publicKey}" is not a public key: 43 signs of base64url are needed. It is on the Audit page, and "oncekey audit key" prints it.`)
  const witnessed: Witnessed = { bySeq: new Map(), count: 0 }
  for (const path of paths) {
    const before = witnessed.count
    for (const line of readFileSync(path, 'utf8').split('\n')) {
      const one = readCheckpoint(line)
      if (one === null) continue
      if (!isSigned(key, checkpointText(one), one.signature)) throw new Error(`The checkpoint for row ${one.seq} in ${path} was not signed with the key ${publicKey}. It was edited, or it is of another installation.`)
      witnessed.bySeq.set(one.seq, [...witnessed.bySeq.get(one.seq) ?? [], one])
      witnessed.count++
    }
    if (witnessed.count === before) throw new Error(`${path} holds no checkpoint.`)
  }
  return witnessed
}

/** What is wrong at this row by what witnesses saw; null when nothing is. `agreed`: the row up to which they agreed before. */
export function disagreement ({ bySeq }: Witnessed, row: { seq: number, mac: string, digest: string }, agreed: number): string | null {
  const other = bySeq.get(row.seq)?.find((one) => one.mac !== row.mac || one.digest !== row.digest)
  if (other === undefined) return null
  return `Row ${row.seq} is not the one that a witness saw: of rows ${agreed + 1} to ${row.seq}, some were taken back and written anew, or changed.`
}

/** The first checkpoint beyond the last row that was made until `time`; null when there is none: nothing was taken back. */
export function beyond ({ bySeq }: Witnessed, last: number, time: number = Infinity): string | null {
  const seq = [...bySeq.keys()].filter((one) => one > last && (bySeq.get(one) ?? []).some((other) => other.time <= time)).sort((a, b) => b - a)[0]
  if (seq === undefined) return null
  return `The record was taken back to an earlier moment: a witness saw ${seq} rows, and there are ${last}. Rows ${last + 1} to ${seq} are missing.`
}
