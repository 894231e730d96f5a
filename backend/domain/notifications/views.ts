/** What the hub shows of notification messages to the team's members, as the page has it. No phone number and no text is in it. */
import { z } from 'zod'
import { ChannelId } from '../ids.ts'
import { Time } from '../rows.ts'
import { DAYS_MAX } from './limits.ts'

const Day = z.iso.date()

/** Both days included; in the team's time zone. */
export const StatisticsQuery = z
  .strictObject({ from: Day, to: Day, channelId: ChannelId.optional() })
  .refine(({ from, to }) => daysIn(from, to) >= 1 && daysIn(from, to) <= DAYS_MAX, { path: ['to'] })
export type StatisticsQuery = z.infer<typeof StatisticsQuery>

export const FIGURES = ['push', 'pnpAccepted', 'pnpDelivered', 'sms', 'failed', 'uncertain', 'matched'] as const
export type Figure = (typeof FIGURES)[number]

const Count = z.number().int().min(0)
const figures = {
  /** Accepted by LINE as a push message. */
  push: Count,
  /** Notification messages that LINE accepted, and of those told to be delivered. */
  pnpAccepted: Count,
  pnpDelivered: Count,
  /** Accepted by the SMS provider. */
  sms: Count,
  /** What reached nobody, and what is not known to have. */
  failed: Count,
  uncertain: Count,
  /** 「LINE UID <> 手機」 (NTF-5). */
  matched: Count,
}

/** Days and channels without anything are not in it. */
export const Statistics = z.strictObject({
  timeZone: z.string(),
  rows: z.array(z.strictObject({ day: Day, channelId: ChannelId, ...figures })),
  total: z.strictObject(figures),
  /** The figure that is no more, and since when (NTF-3). */
  friends: z.strictObject({ endedOn: Day }),
})
export type Statistics = z.infer<typeof Statistics>

export const ApiKeyView = z.strictObject({
  id: z.string(),
  name: z.string(),
  /** Its last four letters. */
  tail: z.string(),
  madeAt: Time,
  madeBy: z.string(),
  usedAt: Time.nullable(),
  revokedAt: Time.nullable(),
})
export type ApiKeyView = z.infer<typeof ApiKeyView>

export const NotificationSettings = z.strictObject({
  keys: z.array(ApiKeyView),
  /** Without its token, which is never shown again. */
  sms: z.strictObject({ url: z.string(), fields: z.record(z.string(), z.string()) }).nullable(),
  /** Which channel is taken when the team has several and a request names none. */
  channelId: ChannelId.nullable(),
  /** LINE channels that are connected; `login`: whether an add-friend link can lead to LINE Login. */
  channels: z.array(z.strictObject({ id: ChannelId, name: z.string(), login: z.boolean() })),
  /** Where our own systems send to, and the callback address to set at LINE Login. */
  sendUrl: z.string(),
  callbackUrl: z.string(),
})
export type NotificationSettings = z.infer<typeof NotificationSettings>

/** A new key: whole, this once. */
export const MadeKey = z.strictObject({ key: z.string(), view: ApiKeyView })
export type MadeKey = z.infer<typeof MadeKey>

function daysIn(from: string, to: string): number {
  return Math.round((Date.parse(to) - Date.parse(from)) / 86_400_000) + 1
}
