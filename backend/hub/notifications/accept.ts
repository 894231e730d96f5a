/** Takes what the team's own systems ask to be sent: checks it, and keeps it, once for each idempotency key. */
import { createHmac, randomBytes } from 'node:crypto'
import { z } from 'zod'
import { ChannelId } from '../../domain/ids.ts'
import type { TeamId } from '../../domain/ids.ts'
import { SMS_TEXT_MAX, SMS_WITH_LINK_MAX } from '../../domain/notifications/limits.ts'
import { refuse } from '../../domain/refusal.ts'
import type { Refusal } from '../../domain/refusal.ts'
import type { Time } from '../../domain/rows.ts'
import { MESSAGE_TEXT_MAX, cleanText } from '../../domain/text.ts'
import type { Connections } from '../channels/connections.ts'
import type { HubDatabase } from '../core.ts'
import { parseRow } from '../store/rows.ts'
import { LINK_GOOD_FOR, makeLink } from './friend-link.ts'
import { normalisePhone } from './phone.ts'
import type { NotificationSettingsStore } from './settings-store.ts'
import type { Content, NotificationStore } from './store.ts'

/** The body of `POST /v1/notifications`; texts are measured after, so that what is wrong can be told. */
export const SendRequest = z.strictObject({
  phone: z.string().max(100),
  text: z.string().max(50_000),
  /** Null: never by SMS. Not given: the text itself. */
  sms: z.string().max(50_000).nullable().optional(),
  channelId: ChannelId.optional(),
  addFriendLink: z.boolean().default(false),
})
export type SendRequest = z.infer<typeof SendRequest>

export type AcceptParts = {
  db: HubDatabase
  store: NotificationStore
  settings: Pick<NotificationSettingsStore, 'channelId'>
  connections: Pick<Connections, 'of'>
  keys: { link: Uint8Array; digest: Uint8Array }
  publicUrl: () => string
  clock: () => Time
}

export type Accepted = { id: string; state: 'queued' }
type Answer = { ok: true; accepted: Accepted; isNew: boolean } | { ok: false; refusal: Refusal }

/** Takes one request; a repeat is answered as the first was, whatever has changed since. */
export async function accept(
  parts: AcceptParts,
  teamId: TeamId,
  idempotencyKey: string,
  request: SendRequest,
): Promise<Answer> {
  const { store, keys, clock } = parts
  const text = cleanText(request.text)
  const phone = normalisePhone(request.phone)
  if (phone === null) return no(refuse('notification.phone', {}))
  const sms = request.sms === null ? null : cleanText(request.sms ?? request.text)
  const digest = digestOf(keys.digest, [phone, text, sms, request.channelId ?? null, request.addFriendLink])

  const before = await store.asked(teamId, idempotencyKey)
  if (before) return repeated(before, digest)
  const wrong = wrongText(text, sms, request.addFriendLink)
  if (wrong) return no(wrong)
  const channel = await channelFor(parts, teamId, request.channelId)
  if (!channel) return no(refuse('notification.channel', {}, { instead: 'choose-other' }))
  const id = randomBytes(16).toString('base64url')
  const now = clock()
  let content: Content = { phone, text, sms }
  if (request.addFriendLink && sms !== null) {
    const connected = await parts.connections.of({ teamId, channelId: channel })
    if (!connected?.connection.notices?.login) return no(refuse('notification.noLogin', {}))
    const link = `${parts.publicUrl()}/f/${makeLink(keys.link, { id, phone, until: now + LINK_GOOD_FOR })}`
    const withLink = `${sms}\n${link}`
    content = { phone, text, sms: withLink }
    const tooLong = textTooLong(withLink, SMS_WITH_LINK_MAX)
    if (tooLong) return no(tooLong)
  }
  const tag = randomBytes(24).toString('base64url')
  if (await store.add({ teamId, id, channelId: channel, idempotencyKey, digest, tag, content, now })) {
    return { ok: true, accepted: { id, state: 'queued' }, isNew: true }
  }
  // The same was asked at the same moment, and the other was first.
  const first = await store.asked(teamId, idempotencyKey)
  if (!first) throw new Error('a notification is neither new nor there')
  return repeated(first, digest)
}

function repeated(before: { id: string; digest: Uint8Array }, digest: Uint8Array): Answer {
  return Buffer.from(before.digest).equals(Buffer.from(digest))
    ? { ok: true, accepted: { id: before.id, state: 'queued' }, isNew: false }
    : no(refuse('notification.repeat', {}))
}

function wrongText(text: string, sms: string | null, link: boolean): Refusal | null {
  if (text.trim() === '' || sms?.trim() === '') return refuse('text.empty', {})
  if (sms === null && link) return refuse('request.invalid', { field: 'addFriendLink' })
  return textTooLong(text, MESSAGE_TEXT_MAX) ?? (sms === null ? null : textTooLong(sms, SMS_TEXT_MAX))
}

function textTooLong({ length }: string, max: number): Refusal | null {
  return length > max ? refuse('text.tooLong', { length, max }, { instead: 'shorten' }) : null
}

/** The channel that was asked for, the team's choice, or its only one; null when that is no connected LINE channel. */
async function channelFor(
  { db, settings }: AcceptParts,
  teamId: TeamId,
  asked: ChannelId | undefined,
): Promise<ChannelId | null> {
  const connected = (await lineChannels(db, teamId)).map(({ id }) => id)
  const wanted = asked ?? (await settings.channelId(teamId))
  if (wanted) return connected.includes(wanted) ? wanted : null
  return connected.length === 1 ? (connected[0] ?? null) : null
}

/** The team's LINE channels that have an account. */
export async function lineChannels(db: HubDatabase, teamId: TeamId) {
  const rows = await db.selectFrom('channel').select('data').where('team_id', '=', teamId).orderBy('id').execute()
  return rows
    .map(({ data }) => parseRow('channel', JSON.stringify(data)))
    .filter(({ kind, connected }) => kind === 'line' && connected)
}

/** By which a repeat is known, without what was asked being kept: of a few possible numbers a plain hash would tell which. */
function digestOf(key: Uint8Array, asked: unknown): Uint8Array {
  return createHmac('sha256', key).update(JSON.stringify(asked)).digest()
}

function no(refusal: Refusal): { ok: false; refusal: Refusal } {
  return { ok: false, refusal }
}
