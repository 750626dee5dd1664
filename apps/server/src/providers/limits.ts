/** More than any document of a provider has; what is longer is not kept in memory. */
const MOST_BYTES = 1_000_000
/** How long a provider may take to answer, s. */
export const LONGEST_S = 10

/** `fetch` for somebody else's answers: ends when they are too long. @throws TypeError */
export async function limitedFetch (url: string, options: RequestInit): Promise<Response> {
  const answer = await fetch(url, options)
  const parts: Uint8Array[] = []
  let length = 0
  for await (const part of answer.body ?? []) {
    length += part.byteLength
    if (length > MOST_BYTES) throw new TypeError('an answer of the provider is too long')
    parts.push(part)
  }
  return new Response(length === 0 ? null : Buffer.concat(parts), { status: answer.status, statusText: answer.statusText, headers: answer.headers })
}
