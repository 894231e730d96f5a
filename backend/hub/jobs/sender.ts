/** What a channel offers so that messages leave through it, and what becomes of a message that was to leave. */
import type { ChannelId, ConversationId, MessageId, TeamId } from '../../domain/ids.ts'
import type { Channel, ChannelKind, Message } from '../../domain/rows.ts'
import type { HubCore } from '../core.ts'

/** One message to a customer. */
export type Outgoing = {
  teamId: TeamId
  channel: Channel
  channelId: ChannelId
  conversationId: ConversationId
  message: Message
}
/** `code` has a text in both languages and is kept with the message. */
export type SendResult = { ok: true } | { ok: false; code: string }

/**
 * A kind of channel. `send` may be called again for a message it has sent before (the hub may die in between), so it
 * has to recognise the message by its id. It throws for what may pass (the network), which is tried again; a final no
 * is `{ ok: false }`.
 */
export interface ChannelSender {
  readonly kind: ChannelKind
  send(outgoing: Outgoing): Promise<SendResult>
}

/** Sends by channel kind. */
export type Senders = ReadonlyMap<ChannelKind, ChannelSender>

/** The code of a message that could not leave. */
const FAILED = 'channel.failed'

export type SendJob = { teamId: TeamId; channelId: ChannelId; conversationId: ConversationId; messageId: MessageId }

/**
 * Sends a message that still waits to be sent, and records how it went. A message that is gone or no longer waits is
 * left alone, so doing the job again changes nothing.
 * @throws when sending may work later
 */
export async function sendMessage(
  core: Pick<HubCore, 'row' | 'system'>,
  senders: Senders,
  job: SendJob,
): Promise<void> {
  const { teamId, channelId, conversationId, messageId } = job
  const message = await core.row(teamId, 'message', messageId)
  if (message?.delivery?.state !== 'sending') return
  const channel = await core.row(teamId, 'channel', channelId)
  const sender = channel && senders.get(channel.kind)
  const result: SendResult =
    channel && sender
      ? await sender.send({ teamId, channel, channelId, conversationId, message })
      : { ok: false, code: FAILED }
  if (result.ok) await progress(core, job, { state: 'sent' })
  else await progress(core, job, { state: 'failed', code: result.code })
}

/** Gives a message up after the last attempt. */
export function giveUp(core: Pick<HubCore, 'system'>, job: SendJob): Promise<void> {
  return progress(core, job, { state: 'failed', code: FAILED })
}

async function progress(
  core: Pick<HubCore, 'system'>,
  { teamId, messageId }: SendJob,
  delivery: { state: 'sent' } | { state: 'failed'; code: string },
): Promise<void> {
  const result = await core.system(teamId, 'message.progress', { messageIds: [messageId], delivery })
  if (!result.ok) throw new Error(`message.progress was refused: ${result.refusal.code}`)
}
