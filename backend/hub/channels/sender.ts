/** Sends a member's message to the customer, once, and records how it went (CNV-9, CNV-10). */
import type { Logger } from 'pino'
import type { Failure } from '../../domain/channels/failures.ts'
import { mayWriteNow } from '../../domain/channels/window.ts'
import type { AttachmentId, ChannelId, ConversationId, MessageId, TeamId } from '../../domain/ids.ts'
import type { Channel, Contact, Conversation, Message, Time } from '../../domain/rows.ts'
import type { Attachments } from '../attachments/attachments.ts'
import type { HubCore } from '../core.ts'
import { closeAttempt, openAttempt } from './attempts.ts'
import type { Connections } from './connections.ts'
import type { Pace } from './pace.ts'
import type { Pictures } from './pictures.ts'
import { TryLater, Uncertain } from './platform.ts'
import type { Connection, Outgoing, SendResult } from './platform.ts'

export type SenderParts = {
  core: Pick<HubCore, 'db' | 'row' | 'system'>
  connections: Pick<Connections, 'of'>
  attachments: Pick<Attachments, 'find' | 'open'>
  pictures: Pick<Pictures, 'urlOf'>
  pace: Pick<Pace, 'turn' | 'pause'>
  log: Logger
  /** Milliseconds since 1970. */
  clock: () => Time
}
export type SendJob = { teamId: TeamId; channelId: ChannelId; conversationId: ConversationId; messageId: MessageId }

/** Failures that are the channel's: shown on it until a message leaves again. */
const CHANNEL_WIDE: readonly Failure[] = ['channel.token', 'channel.restricted', 'channel.quota']

/**
 * Sends a message that still waits to be sent. A message that is gone or no longer waits is left alone, so doing the job
 * again changes nothing.
 * @throws TryLater | Uncertain when it is to be tried again
 */
export async function sendMessage(parts: SenderParts, job: SendJob): Promise<void> {
  const { core } = parts
  const { teamId, messageId } = job
  const message = await core.row(teamId, 'message', messageId)
  // Its end may have become known by the platform's own word; so is that of the attempt.
  if (message?.delivery?.state !== 'sending') return closeAttempt(core.db, job)
  const result = await attempt(parts, job, message)
  await settle(parts, job, result)
}

/** Gives a message up after the last attempt: for the reason of that, or as uncertain when an attempt's end is unknown. */
export async function giveUp(parts: SenderParts, job: SendJob, error: unknown): Promise<void> {
  const { earlier } = await openAttempt(parts.core.db, parts.clock, job)
  await settle(parts, job, earlier ? failed('channel.uncertain') : failureOf(error))
}

/** Why something that was tried did not work, for good. */
export function failureOf(error: unknown): SendResult {
  if (error instanceof TryLater) return { ok: false, code: error.code, platformCode: error.platformCode }
  return failed(error instanceof Uncertain ? 'channel.uncertain' : 'channel.failed')
}

function failed(code: Failure): SendResult {
  return { ok: false, code, platformCode: null }
}

async function attempt(parts: SenderParts, job: SendJob, message: Message): Promise<SendResult> {
  const { core, connections, clock } = parts
  const { teamId, conversationId } = job
  const connected = await connections.of(job)
  const conversation = await core.row(teamId, 'conversation', conversationId)
  const contact = conversation && (await core.row(teamId, 'contact', conversation.contactId))
  if (!connected) return failed('channel.unconnected')
  if (!conversation || !contact) return failed('channel.failed')
  const earlier = await openAttempt(core.db, clock, job)
  if (!earlier.earlier) {
    const reason = against(connected.channel, conversation, contact, message, clock())
    if (reason) return failed(reason)
  }
  const { body } = message
  const template = body.kind === 'template' ? ((await core.row(teamId, 'template', body.templateId)) ?? null) : null
  const outgoing = { channel: connected.channel, contact, conversation, message, template, attempt: earlier }
  return sendOnce(parts, connected.connection, job, outgoing)
}

/** Checked again when it leaves, whatever was true when it was written (CNV-9). */
function against(
  channel: Channel,
  conversation: Conversation,
  contact: Contact,
  { body }: Message,
  now: Time,
): Failure | null {
  if (contact.platformBlockedAt !== null) return 'channel.blocked'
  const content = body.kind === 'template' ? 'template' : 'other'
  return mayWriteNow(channel.kind, conversation, content, now).allowed ? null : 'channel.windowClosed'
}

/**
 * Hands one message over, at the channel's pace; what is known of the attempt stays for as long as its end is unknown.
 * @throws TryLater | Uncertain
 */
export async function sendOnce(
  { core, attachments, pictures, pace }: SenderParts,
  connection: Connection,
  job: SendJob,
  what: Pick<Outgoing, 'channel' | 'contact' | 'conversation' | 'message' | 'template' | 'attempt'>,
): Promise<SendResult> {
  const { teamId, channelId } = job
  await pace.turn(channelId, what.channel.kind)
  try {
    return await connection.send({
      ...what,
      teamId,
      channelId,
      file: (id) => readFile(attachments, teamId, id),
      pictureUrl: (id, variant) => pictures.urlOf(teamId, id, variant),
    })
  } catch (error) {
    if (error instanceof TryLater) {
      pace.pause(channelId, error.pause)
      // Of an earlier attempt nothing more is known by it.
      if (!what.attempt.earlier) await closeAttempt(core.db, job)
    }
    throw error
  }
}

async function readFile(attachments: SenderParts['attachments'], teamId: TeamId, id: AttachmentId) {
  const found = await attachments.find(teamId, id)
  const stream = found && (await attachments.open(teamId, id))
  if (!found || !stream) throw new Error('the bytes of an attachment are gone')
  const { name, mime, size } = found.info
  return { name, mime, size, bytes: new Uint8Array(await new Response(stream).arrayBuffer()) }
}

/** Records the end: of the message first, so that after a crash in between the attempt is known to be over. */
async function settle({ core }: SenderParts, job: SendJob, result: SendResult): Promise<void> {
  const { teamId, channelId, messageId } = job
  const delivery = result.ok
    ? ({ state: 'sent' } as const)
    : ({ state: 'failed', code: result.code, platformCode: result.platformCode } as const)
  await told(core.system(teamId, 'message.progress', { messageIds: [messageId], delivery }))
  await closeAttempt(core.db, job)
  const channel = await core.row(teamId, 'channel', channelId)
  const problem = result.ok ? null : (CHANNEL_WIDE.find((code) => code === result.code) ?? undefined)
  if (channel && problem !== undefined && (channel.problem?.code ?? null) !== problem) {
    await told(core.system(teamId, 'channel.health', { channelId, problem }))
  }
}

async function told(result: ReturnType<HubCore['system']>): Promise<void> {
  const answer = await result
  if (!answer.ok) throw new Error(`a command of the hub was refused: ${answer.refusal.code}`)
}
