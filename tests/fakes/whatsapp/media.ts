/**
 * The files the platform keeps: what customers sent and what a business uploaded. Each is named by an id; its bytes are got
 * from an address that lives five minutes and wants the access token too.
 */
import { createHash, randomBytes, randomInt } from 'node:crypto'
import type { Refusal } from './errors.ts'

export type Media = {
  id: string
  /** Whose it is: the phone number's id. */
  owner: string
  bytes: Buffer
  mimeType: string
}

/** How long an address lives, in ms. */
export const ADDRESS_LIVES = 5 * 60_000

/** Where addresses point, under the fake's own origin. */
export const ATTACHMENTS = '/whatsapp_business/attachments'

const KB = 1024
const MB = 1024 * KB

/** What may be sent as what, by Meta's table of supported media: bytes at most, by type. */
const LIMITS: Record<string, { max: number; types: readonly string[] }> = {
  audio: { max: 16 * MB, types: ['audio/aac', 'audio/amr', 'audio/mpeg', 'audio/mp4', 'audio/ogg'] },
  document: {
    max: 100 * MB,
    types: [
      'text/plain',
      'application/pdf',
      'application/msword',
      'application/vnd.ms-excel',
      'application/vnd.ms-powerpoint',
      'application/vnd.openxmlformats-officedocument.wordprocessingml.document',
      'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
      'application/vnd.openxmlformats-officedocument.presentationml.presentation',
    ],
  },
  image: { max: 5 * MB, types: ['image/jpeg', 'image/png'] },
  sticker: { max: 500 * KB, types: ['image/webp'] },
  video: { max: 16 * MB, types: ['video/mp4', 'video/3gpp'] },
}

/** What is wrong with a file that is to be uploaded, or sent as one kind of message; null when nothing is. */
export function mediaFault({ bytes, mimeType }: Pick<Media, 'bytes' | 'mimeType'>, as?: string): Refusal | null {
  const type = (mimeType.split(';')[0] ?? '').trim().toLowerCase()
  const kinds = as === undefined ? Object.keys(LIMITS) : [as]
  // Any file can go as a document.
  const limit = kinds.map((kind) => LIMITS[kind]).find((one) => one?.types.includes(type) || as === 'document')
  if (limit === undefined)
    return { code: as === undefined ? 100 : 131053, details: `a file of type ${type} is not taken` }
  if (bytes.length > limit.max) return { code: 131053, details: `${bytes.length} bytes, at most ${limit.max}` }
  if (bytes.length === 0) return { code: 131053, details: 'the file is empty' }
  return null
}

export class MediaStore {
  readonly #media = new Map<string, Media>()
  readonly #addresses = new Map<string, { id: string; expiresAt: number }>()
  readonly #now: () => number

  constructor(now: () => number) {
    this.#now = now
  }

  keep(owner: string, bytes: Buffer, mimeType: string): Media {
    const media = { id: String(randomInt(10 ** 14, 2 ** 47)), owner, bytes, mimeType }
    this.#media.set(media.id, media)
    return media
  }

  get(id: string): Media | null {
    return this.#media.get(id) ?? null
  }

  /** Whether it was there. */
  forget(id: string): boolean {
    return this.#media.delete(id)
  }

  /** A new address for its bytes, as path and query, good for {@link ADDRESS_LIVES}. */
  address({ id }: Media): string {
    const hash = randomBytes(16).toString('hex')
    const expiresAt = this.#now() + ADDRESS_LIVES
    this.#addresses.set(hash, { id, expiresAt })
    return `${ATTACHMENTS}?${new URLSearchParams({ mid: id, ext: String(Math.floor(expiresAt / 1000)), hash })}`
  }

  /** What an address leads to; null when it has expired, never was, or the file is gone. */
  at(id: string, hash: string): Media | null {
    const address = this.#addresses.get(hash)
    if (address === undefined || address.id !== id || this.#now() >= address.expiresAt) return null
    return this.get(id)
  }
}

/** As webhooks give it. */
export function sha256(bytes: Buffer, encoding: 'base64' | 'hex'): string {
  return createHash('sha256').update(bytes).digest(encoding)
}
