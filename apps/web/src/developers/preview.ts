import type { TemplatePreview } from '@oncekey/protocol/schemas'

/** What people write, and the line that is added: nobody can change it. */
export function shown ({ text, lastLine }: TemplatePreview): { text: string, lastLine: string | null } {
  return { text: lastLine === null ? text : text.slice(0, -lastLine.length).trimEnd(), lastLine }
}

/** Everything that is wrong with a field, as one text for it. */
export function marks ({ faults }: TemplatePreview): Readonly<Record<string, string>> {
  const marked: Record<string, string> = {}
  for (const { field, needs } of faults) marked[field] = marked[field] === undefined ? needs : `${marked[field]}; ${needs}`
  return marked
}
