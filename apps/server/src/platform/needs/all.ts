import type { Language } from '@oncekey/protocol/schemas'
import { ar } from './ar.ts'
import { de } from './de.ts'
import { en, type Needs } from './en.ts'
import { es } from './es.ts'
import { fr } from './fr.ts'
import { hi } from './hi.ts'

/** What a field needs, in every language that somebody may read the page in, e.g. `inAll((needs) => needs.taken)`. */
export function inAll (pick: (needs: Needs) => string): Readonly<Record<Language, string>> {
  return { en: pick(en), hi: pick(hi), de: pick(de), es: pick(es), fr: pick(fr), ar: pick(ar) }
}
