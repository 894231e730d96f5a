/** Passwords as argon2id hashes, made and checked on the thread pool so that the hub goes on answering meanwhile. */
import { randomBytes } from 'node:crypto'
import { hash, verify } from '@node-rs/argon2'

/** OWASP's recommendation for argon2id: 19 MiB, two passes, one lane. The library's algorithm is argon2id. */
const COST = { memoryCost: 19_456, timeCost: 2, parallelism: 1 } as const

/** A salted hash of the password in the PHC format. */
export function hashPassword(password: string): Promise<string> {
  return hash(password.normalize('NFC'), COST)
}

let nobodys: Promise<string> | undefined

/**
 * Whether the password belongs to the hash. Without a hash (no such account) it does the same work and says no, so that
 * the time taken does not tell who has an account.
 */
export async function passwordMatches(passwordHash: string | undefined, password: string): Promise<boolean> {
  nobodys ??= hashPassword(randomBytes(32).toString('base64'))
  const matches = await verify(passwordHash ?? (await nobodys), password.normalize('NFC'))
  return matches && passwordHash !== undefined
}
