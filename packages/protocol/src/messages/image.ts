import type { Image } from './types.ts'

/** What the operator's key signs of an image: what it is, for whom, over what, and its bytes. Not where it lies. */
export type ImageFacts = Pick<Image, 'version' | 'minimum' | 'hardware' | 'size' | 'sha256'>

/**
 * The text whose UTF-8 bytes are signed (Ed25519, RFC 8032): six lines, each with LF at its end. The first says what
 * this is, so that a signature made for anything else is none for an image.
 */
export function imageText ({ version, minimum, hardware, size, sha256 }: ImageFacts): string {
  return ['oncekey image 1', hardware, version, minimum, String(size), sha256, ''].join('\n')
}
