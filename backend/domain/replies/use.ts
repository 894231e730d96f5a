/** Whether a saved reply can be used in a conversation: put in the composer 套用, or sent at once 發送 (REP-3, REP-4). */
import { CAPABILITIES } from '../channels/capabilities.ts'
import { maySendFile } from '../messages/content.ts'
import { ALLOWED, refuse, refused } from '../refusal.ts'
import type { Verdict } from '../refusal.ts'
import type { Channel, Conversation } from '../rows.ts'
import { replyFiles } from './files.ts'
import type { Filled } from './variables.ts'

/** How long what was sent by 發送 can be taken back before it leaves, in ms (REP-6). */
export const TAKE_BACK = 5_000

/**
 * What can be done with the reply there, as far as it follows from the reply and the place: whether the member may write
 * at all is what the command asks. Give it the reply as it was filled in.
 */
export function mayUse(
  reply: Pick<Filled, 'messages'> & Partial<Filled>,
  channel: Pick<Channel, 'kind'>,
  conversation: Pick<Conversation, 'kind'>,
): { apply: Verdict; send: Verdict } {
  const files = mayTakeFiles(reply, channel)
  if (!files.allowed) return { apply: files, send: files }
  return { apply: ALLOWED, send: maySendNow(reply, channel, conversation) }
}

function mayTakeFiles(reply: Pick<Filled, 'messages'>, { kind }: Pick<Channel, 'kind'>): Verdict {
  for (const file of replyFiles(reply)) {
    const may = maySendFile(kind, file)
    if (may.allowed) continue
    // One that is only too large says so; the rest is about files as such (REP-4).
    if (may.refusal.code === 'attachment.tooLarge') return may
    return refused(refuse('reply.files', {}, { instead: 'choose-other' }))
  }
  return ALLOWED
}

function maySendNow(
  { messages, missing = [] }: Pick<Filled, 'messages'> & Partial<Filled>,
  channel: Pick<Channel, 'kind'>,
  conversation: Pick<Conversation, 'kind'>,
): Verdict {
  if (conversation.kind === 'group') return refused(refuse('reply.group', {}, { instead: 'apply' }))
  const [variable] = missing
  if (variable) return refused(refuse('reply.noValue', { variable }, { instead: 'apply' }))
  const max = CAPABILITIES[channel.kind].textMax
  for (const message of messages) {
    if (message.kind !== 'text' || message.text.length <= max) continue
    return refused(refuse('text.tooLong', { length: message.text.length, max }, { instead: 'apply' }))
  }
  return ALLOWED
}
