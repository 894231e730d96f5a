/**
 * 「LINE 加入好友連結」 (NTF-5): an address that only this hub can make, good for 30 days, which tells nobody but the hub whose
 * notification and which phone number it is of. It goes into a SMS, so it is short.
 */
import type { Time } from '../../domain/rows.ts'
import { seal, unseal } from '../accounts/seal.ts'

/** How long a link is good, in ms. */
export const LINK_GOOD_FOR = 30 * 24 * 60 * 60 * 1000
const CONTEXT = 'friend link'
const ID_BYTES = 16
const HEAD = ID_BYTES + 4
const SHAPE = /^[\w-]{60,120}$/

/** @param id of the notification: 16 bytes in base64url */
export type FriendLink = { id: string; phone: string; until: Time }

/** The link's last part. @throws when `id` is not 16 bytes */
export function makeLink(key: Uint8Array, { id, phone, until }: FriendLink): string {
  const head = Buffer.alloc(HEAD)
  const bytes = Buffer.from(id, 'base64url')
  if (bytes.length !== ID_BYTES) throw new Error('a notification has an id of 16 bytes')
  bytes.copy(head)
  head.writeUInt32BE(Math.floor(until / 1_000), ID_BYTES)
  return Buffer.from(seal(key, Buffer.concat([head, Buffer.from(phone)]), CONTEXT)).toString('base64url')
}

/** Null for what this hub did not make. One that is too old is given all the same: the page says something else then. */
export function readLink(key: Uint8Array, token: string): FriendLink | null {
  if (!SHAPE.test(token)) return null
  let opened: Buffer
  try {
    opened = Buffer.from(unseal(key, Buffer.from(token, 'base64url'), CONTEXT))
  } catch {
    // Made by somebody else, or changed on its way: the caller says so.
    return null
  }
  return {
    id: opened.subarray(0, ID_BYTES).toString('base64url'),
    phone: opened.subarray(HEAD).toString(),
    until: opened.readUInt32BE(ID_BYTES) * 1_000,
  }
}
