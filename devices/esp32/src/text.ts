/**
 * Bytes from a network as text; null when they are no UTF-8: the SDK throws then, and what is thrown where sockets are
 * read starts the box anew. Whoever holds the broker could keep it starting.
 */
export function textOf (bytes: ArrayBuffer): string | null {
  try {
    return String.fromArrayBuffer(bytes)
  } catch {
    return null
  }
}
