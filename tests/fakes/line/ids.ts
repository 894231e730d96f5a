/** Ids in the forms LINE gives them. */
import { randomBytes } from 'node:crypto'

const hex32 = () => randomBytes(16).toString('hex')

export const newUserId = () => `U${hex32()}`
export const newGroupId = () => `C${hex32()}`
export const newRoomId = () => `R${hex32()}`
export const newReplyToken = () => hex32()
export const newRichMenuId = () => `richmenu-${hex32()}`
/** For quoting a message, or for marking it as read. */
export const newToken = () => randomBytes(24).toString('base64url')

let lastMessage = 0n

/** 18 digits, later ones greater; another run of the fake gives others. */
export function newMessageId(): string {
  const byTime = BigInt(Date.now()) * 100_000n
  lastMessage = byTime > lastMessage ? byTime : lastMessage + 1n
  return lastMessage.toString()
}

const CROCKFORD = '0123456789ABCDEFGHJKMNPQRSTVWXYZ'

/** A webhook event's id: a ULID of that time (ms). */
export function newEventId(at: number): string {
  let time = ''
  for (let rest = Math.floor(at), i = 0; i < 10; i++, rest = Math.floor(rest / 32)) {
    time = `${CROCKFORD[rest % 32]}${time}`
  }
  return time + [...randomBytes(16)].map((byte) => CROCKFORD[byte % 32]).join('')
}
