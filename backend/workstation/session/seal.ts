/** Authenticated encryption of small secrets (AES-256-GCM), and the key that a password gives (argon2id). */
import { hashRaw } from '@node-rs/argon2'
import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto'
import { z } from 'zod'

const KEY_BYTES = 32
const TAG_BYTES = 16
const base64 = z.string().regex(/^[A-Za-z0-9+/]*={0,2}$/)

export const Sealed = z.strictObject({ iv: base64, tag: base64, data: base64 })
export type Sealed = z.infer<typeof Sealed>

/** How a key is made from a password: kept beside what the key seals. */
export const Kdf = z.strictObject({
  salt: base64,
  /** KiB. */
  memory: z.number().int().min(8_192).max(1_048_576),
  passes: z.number().int().min(1).max(20),
  lanes: z.number().int().min(1).max(8),
})
export type Kdf = z.infer<typeof Kdf>

/** A new random key. */
export function newKey(): Buffer {
  return randomBytes(KEY_BYTES)
}

/** Encrypts under a 32-byte key. `purpose` is bound to it: what was sealed for one purpose opens for no other. */
export function seal(key: Uint8Array, purpose: string, plain: Uint8Array): Sealed {
  const iv = randomBytes(12)
  const cipher = createCipheriv('aes-256-gcm', key, iv, { authTagLength: TAG_BYTES })
  cipher.setAAD(Buffer.from(purpose))
  const data = Buffer.concat([cipher.update(plain), cipher.final()])
  return { iv: iv.toString('base64'), tag: cipher.getAuthTag().toString('base64'), data: data.toString('base64') }
}

/** What was sealed, or null when the key is not the right one or anything was changed. */
export function unseal(key: Uint8Array, purpose: string, sealed: Sealed): Buffer | null {
  const tag = Buffer.from(sealed.tag, 'base64')
  const iv = Buffer.from(sealed.iv, 'base64')
  if (tag.length !== TAG_BYTES || iv.length !== 12 || key.length !== KEY_BYTES) return null
  const decipher = createDecipheriv('aes-256-gcm', key, iv, { authTagLength: TAG_BYTES })
  decipher.setAAD(Buffer.from(purpose))
  decipher.setAuthTag(tag)
  const start = decipher.update(Buffer.from(sealed.data, 'base64'))
  try {
    return Buffer.concat([start, decipher.final()])
  } catch {
    // The tag does not fit: the one thing that `final` throws for here, and the answer to the question asked.
    return null
  }
}

/** What a new password's key is made with: 64 MiB, about a fifth of a second on a shop's computer. */
export function newKdf(): Kdf {
  return { salt: randomBytes(16).toString('base64'), memory: 64 * 1024, passes: 3, lanes: 1 }
}

/** The 32-byte key of a password; made off the event loop. */
export async function keyOf(password: string, kdf: Kdf): Promise<Buffer> {
  return hashRaw(password.normalize('NFC'), {
    salt: Buffer.from(kdf.salt, 'base64'),
    memoryCost: kdf.memory,
    timeCost: kdf.passes,
    parallelism: kdf.lanes,
    outputLen: KEY_BYTES,
    algorithm: 2,
  })
}
