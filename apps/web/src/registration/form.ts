/** 3 to 32 Latin letters and digits, single . _ - between them; as the server wants it. */
export function isUsername (text: string): boolean {
  return text.length >= 3 && text.length <= 32 && /^[A-Za-z0-9]+([._-][A-Za-z0-9]+)*$/.test(text)
}

/** Whether an address ends in one of the domains; one below them does not count. */
export function mayRegisterWith (email: string, domains: readonly string[]): boolean {
  return domains.includes(email.slice(email.lastIndexOf('@') + 1).trim().toLowerCase())
}

/** Mail domains as people write them: by lines, commas or blanks, with or without @; each once. */
export function toDomains (text: string): string[] {
  return [...new Set(text.toLowerCase().split(/[\s,;]+/).map(each => each.replace(/^.*@/, '')).filter(Boolean))]
}
