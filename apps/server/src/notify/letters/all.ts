import type { Language } from '@oncekey/protocol/schemas'
import { ar } from './ar.ts'
import { de } from './de.ts'
import { en, type Letter, type Letters } from './en.ts'
import { es } from './es.ts'
import { fr } from './fr.ts'
import { hi } from './hi.ts'

export type { AccessCode, FactorEvent, Letter } from './en.ts'

export const letters: Readonly<Record<Language, Letters>> = { en, hi, de, es, fr, ar }

/** What a letter says, once it is known in which language. */
export type Wording = (letters: Letters, language: Language) => Letter
