/** The blacklist 黑名單 as the hub tells members of it: over HTTP, and through the workstation (DEL-9). */
import { z } from 'zod'
import { ChannelId, ContactId } from '../domain/ids.ts'
import { Blocked, Time } from '../domain/rows.ts'

export const BLACKLIST_PAGE_MAX = 100

/** Where a page ended: the time and the contact of its last entry. Several may have been put there at one time. */
const Place = z.string().regex(/^\d{1,16}\.[A-Za-z0-9_~-]{1,64}$/)

export const BlacklistQuery = z.strictObject({
  /** Goes on after this place, as the page before gave it in `next`. */
  before: Place.optional(),
  limit: z.coerce.number().int().min(1).max(BLACKLIST_PAGE_MAX).default(50),
  /** Part of a name, in letters of any case. */
  name: z.string().trim().min(1).max(200).optional(),
})
export type BlacklistQuery = z.output<typeof BlacklistQuery>

export const BlacklistEntry = z.strictObject({
  contactId: ContactId,
  name: z.string(),
  channelId: ChannelId,
  blocked: Blocked,
})
export type BlacklistEntry = z.infer<typeof BlacklistEntry>

/** Newest first. `next` is null at the end. */
export const BlacklistPage = z.strictObject({ entries: z.array(BlacklistEntry), next: Place.nullable() })
export type BlacklistPage = z.infer<typeof BlacklistPage>

/** A place in the list as a text, and back. */
export function placeOf({ blocked, contactId }: Pick<BlacklistEntry, 'blocked' | 'contactId'>): string {
  return `${blocked.at}.${contactId}`
}
export function readPlace(place: string): { at: Time; contactId: ContactId } {
  const dot = place.indexOf('.')
  return { at: Time.parse(Number(place.slice(0, dot))), contactId: ContactId.parse(place.slice(dot + 1)) }
}
