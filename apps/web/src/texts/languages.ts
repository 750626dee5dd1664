import type { Language } from '@oncekey/protocol/schemas'

/** Each language by its own name, for lists to choose from. */
export const languages: Readonly<Record<Language, string>> = { en: 'English', de: 'Deutsch', es: 'Español', fr: 'Français', hi: 'हिन्दी', ar: 'العربية' }
