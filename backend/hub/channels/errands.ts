/**
 * What has to be fetched or done at a platform beside messages: the bytes of what a customer sent, what somebody is called, a
 * greeting for a new friend.
 */
import sharp from 'sharp'
import { FILE_TYPES, IMAGE_TYPES } from '../../domain/attachments.ts'
import { AttachmentId } from '../../domain/ids.ts'
import type { ConversationId, TeamId } from '../../domain/ids.ts'
import { attachmentOf } from '../../domain/rows.ts'
import { conversationIdOf } from '../../domain/conversations/conversation-id.ts'
import type { CommandArgs } from '../../domain/commands.ts'
import type { StoredContent } from '../../domain/messages/content.ts'
import type { Effect } from '../../domain/rule.ts'
import type { AttachmentInfo } from '../../sync/protocol.ts'
import type { Attachments } from '../attachments/attachments.ts'
import { openAttempt } from './attempts.ts'
import { attachmentIdOf, sourceIds } from './ids.ts'
import { sendOnce } from './sender.ts'
import type { SenderParts } from './sender.ts'

export type ErrandParts = SenderParts & {
  attachments: Pick<Attachments, 'storeFromCustomer' | 'find' | 'open' | 'remove'>
}
export type Errand = { teamId: TeamId } & Exclude<Effect, { type: 'channel.send' }>
type ErrandOf<T extends Errand['type']> = Extract<Errand, { type: T }>

/** Does one; doing it again changes nothing. @throws when it may work later */
export async function doErrand(parts: ErrandParts, errand: Errand): Promise<void> {
  switch (errand.type) {
    case 'channel.media':
      return fetchMedia(parts, errand)
    case 'channel.profile':
      return fetchProfile(parts, errand)
    case 'channel.welcome':
      return welcome(parts, errand)
    case 'channel.block':
      return blockAtPlatform(parts, errand)
    case 'attachment.remove':
      return parts.attachments.remove(errand.teamId, errand.attachmentId)
    case 'conversation.erase':
      // Noted with the command and carried out by `erasure/`, many at once: never a job of its own.
      return
  }
}

/** What becomes of one that never worked: a picture that cannot be had says so. */
export async function giveUpErrand(parts: ErrandParts, errand: Errand): Promise<void> {
  if (errand.type === 'channel.media') await settleMedia(parts, errand, null)
  if (errand.type === 'channel.block') await settleBlock(parts, errand, { code: 'channel.failed', platformCode: null })
}

/** Makes or lifts the platform's own block (DEL-8); how that went is written on the contact, whatever it was. */
async function blockAtPlatform(parts: ErrandParts, errand: ErrandOf<'channel.block'>): Promise<void> {
  const { core, connections } = parts
  const { teamId, contactId, blocked } = errand
  const contact = await core.row(teamId, 'contact', contactId)
  if (!contact?.blocked || contact.blocked.lifting === blocked) return
  const connected = await connections.of(errand)
  if (!connected?.connection.setBlocked) {
    return settleBlock(parts, errand, { code: 'channel.unconnected', platformCode: null })
  }
  const [result] = await connected.connection.setBlocked([contact.externalId], blocked)
  const failure = result?.ok
    ? null
    : ({ code: 'channel.rejected', platformCode: result?.platformCode ?? null } as const)
  return settleBlock(parts, errand, failure)
}

async function settleBlock(
  { core }: ErrandParts,
  { teamId, contactId, blocked }: ErrandOf<'channel.block'>,
  failure: CommandArgs<'contact.blockSettled'>['failure'],
): Promise<void> {
  const result = await core.system(teamId, 'contact.blockSettled', { contactId, blocked, failure })
  if (!result.ok) throw new Error(`contact.blockSettled was refused: ${result.refusal.code}`)
}

async function fetchMedia(parts: ErrandParts, errand: ErrandOf<'channel.media'>): Promise<void> {
  const { core, connections, attachments } = parts
  const { teamId, conversationId, messageId, ref } = errand
  const message = await core.row(teamId, 'message', messageId)
  // Deleted with its conversation, maybe after an earlier attempt had its bytes.
  if (!message) return attachments.remove(teamId, attachmentIdOf(messageId))
  if (message.body.kind !== 'media') return
  const { media, name } = message.body
  const connected = await connections.of(errand)
  const fetched = await connected?.connection.media?.(ref)
  if (fetched?.state !== 'here') return settleMedia(parts, errand, null)
  const stored = await attachments.storeFromCustomer({
    teamId,
    conversationId,
    attachmentId: attachmentIdOf(messageId),
    name: name || fetched.name || nameFor(media, fetched.type),
    declared: fetched.type,
    bytes: fetched.bytes,
  })
  // A type that may not be kept is lost here; the customer's own app still has it.
  await settleMedia(parts, errand, stored.ok ? await contentOf(parts, teamId, stored.info) : null)
  // The customer may have taken the message back while its bytes were on their way.
  const after = await core.row(teamId, 'message', messageId)
  if (!after || attachmentOf(after.body) === null) await attachments.remove(teamId, attachmentIdOf(messageId))
}

async function settleMedia(
  { core }: ErrandParts,
  { teamId, messageId }: ErrandOf<'channel.media'>,
  content: StoredContent | null,
): Promise<void> {
  const result = await core.system(teamId, 'message.media', { messageId, content })
  if (!result.ok) throw new Error(`message.media was refused: ${result.refusal.code}`)
}

/** The file as a message shows it: a picture whose size in pixels cannot be found is shown as a file. */
async function contentOf(
  { attachments }: ErrandParts,
  teamId: TeamId,
  info: AttachmentInfo,
): Promise<StoredContent | null> {
  const { name, size } = info
  const attachmentId = AttachmentId.parse(info.attachmentId)
  const image = IMAGE_TYPES.find((type) => type === info.mime)
  const pixels = image && (await pixelsOf(attachments, teamId, attachmentId))
  if (image && pixels) return { kind: 'image', attachmentId, name, size, mime: image, ...pixels }
  const mime = FILE_TYPES.find((type) => type === info.mime)
  return mime ? { kind: 'file', attachmentId, name, size, mime } : null
}

async function pixelsOf(
  attachments: ErrandParts['attachments'],
  teamId: TeamId,
  id: AttachmentId,
): Promise<{ width: number; height: number } | null> {
  const stream = await attachments.open(teamId, id)
  if (!stream) return null
  const bytes = new Uint8Array(await new Response(stream).arrayBuffer())
  try {
    const { autoOrient } = await sharp(bytes).metadata()
    return autoOrient.width > 0 && autoOrient.height > 0 ? autoOrient : null
  } catch {
    // Not a picture, whatever its first bytes say: it is kept as a file.
    return null
  }
}

function nameFor(media: string, type: string): string {
  const ending = /^[a-z]+\/([a-z0-9]{2,5})(?:;|$)/.exec(type)?.[1] ?? ''
  return ending === '' ? media : `${media}.${ending}`
}

async function fetchProfile(parts: ErrandParts, errand: ErrandOf<'channel.profile'>): Promise<void> {
  const { core, connections } = parts
  const { teamId, contactId, of } = errand
  const contact = await core.row(teamId, 'contact', contactId)
  const connected = await connections.of(errand)
  const profile = contact && (await connected?.connection.profile?.(contact, of))
  if (!profile) return
  const { name } = profile
  const result = await core.system(teamId, 'contact.describe', {
    contactId,
    ...(of === null ? { name } : { person: { externalId: of, name } }),
  })
  if (!result.ok) throw new Error(`contact.describe was refused: ${result.refusal.code}`)
}

/**
 * Greets a new friend. No conversation begins with it, so that it is not kept as a message; what is known of the attempt
 * stays, so that a greeting that is done again is known to have been tried.
 */
async function welcome(parts: ErrandParts, errand: ErrandOf<'channel.welcome'>): Promise<void> {
  const { core, connections, clock, log } = parts
  const { teamId, channelId, contactId, messageId } = errand
  const connected = await connections.of(errand)
  const contact = await core.row(teamId, 'contact', contactId)
  const text = connected?.channel.welcomeText
  if (!connected || !contact || !text || contact.platformBlockedAt !== null) return
  const conversation: { id: ConversationId; kind: 'direct' } = {
    id: conversationIdOf(sourceIds(channelId, contact.externalId).conversationId, contact),
    kind: 'direct',
  }
  const job = { teamId, channelId, conversationId: conversation.id, messageId }
  const attempt = await openAttempt(core.db, clock, job)
  const message = { id: messageId, body: { kind: 'text', text } } as const
  const what = { channel: connected.channel, contact, conversation, message, template: null, attempt }
  const result = await sendOnce(parts, connected.connection, job, what)
  if (!result.ok) log.warn({ channel: channelId, code: result.code }, 'errands: a new friend could not be greeted')
}
