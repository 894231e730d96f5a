/** What notification messages can hold, and what the page and the hub both check an SMS provider by. */
import { z } from 'zod'

/** Longest text of a SMS of five parts in UCS-2, in UTF-16 units. */
export const SMS_TEXT_MAX = 335
/** The same with an add-friend link in it: one part more. */
export const SMS_WITH_LINK_MAX = 402
export const KEY_NAME_MAX = 60
/** How many API keys a team may have that are not revoked. */
export const KEYS_MAX = 20
/** Longest range of days the statistics are given for. */
export const DAYS_MAX = 366

/** Everything that must stand somewhere in the fields that go to a SMS provider; `{local}` may stand for `{to}`. */
export const SMS_PLACEHOLDERS = ['{to}', '{text}', '{reference}'] as const

/** The fields of the JSON that is posted to a SMS provider, with placeholders in their values. */
export const SmsFields = z
  .record(z.string().min(1).max(100), z.string().max(500))
  .refine((fields) => Object.keys(fields).length <= 20)
  .refine((fields) => missingPlaceholders(fields).length === 0)
export type SmsFields = z.infer<typeof SmsFields>

export const SMS_FIELDS_USUAL: SmsFields = { to: '{to}', text: '{text}', reference: '{reference}' }

/** What no field has. */
export function missingPlaceholders(fields: Readonly<Record<string, string>>): string[] {
  const values = Object.values(fields)
  const has = (placeholder: string) => values.some((value) => value.includes(placeholder))
  return SMS_PLACEHOLDERS.filter((one) => !has(one) && !(one === '{to}' && has('{local}')))
}

/**
 * Since when 「LINE通知型訊息加入好友數」 cannot be told (NTF-3): the day of LINE's published contract by which this hub reads
 * delivery events, which name no user any more.
 */
export const FRIENDS_FIGURE_ENDED = '2026-07-01'
