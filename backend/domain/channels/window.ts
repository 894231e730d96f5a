/** How long one may still write to a customer (CNV-9). */
import { ALLOWED, refuse, refused } from '../refusal.ts'
import type { Verdict } from '../refusal.ts'
import type { ChannelKind, Conversation, Time } from '../rows.ts'
import { CAPABILITIES } from './capabilities.ts'

/** `always`: the channel has no such limit. `until` is when an open window closes. */
export type ReplyWindow =
  { state: 'always' } | { state: 'open'; until: Time } | { state: 'closed'; after: 'templates' | 'nothing' }

/** The window at `now`: it opens with the customer's **last inbound** message, and is closed before the first. */
export function replyWindow(
  kind: ChannelKind,
  { lastInboundAt }: Pick<Conversation, 'lastInboundAt'>,
  now: Time,
): ReplyWindow {
  const { window } = CAPABILITIES[kind]
  if (!window) return { state: 'always' }
  const until = lastInboundAt === null ? 0 : lastInboundAt + window.length
  return now < until ? { state: 'open', until } : { state: 'closed', after: window.after }
}

/** Whether a message of this kind may be written at `now`, composing and sending alike (CNV-9). */
export function mayWriteNow(
  kind: ChannelKind,
  conversation: Pick<Conversation, 'lastInboundAt'>,
  content: 'template' | 'other',
  now: Time,
): Verdict {
  const window = replyWindow(kind, conversation, now)
  if (window.state !== 'closed' || (window.after === 'templates' && content === 'template')) return ALLOWED
  return refused(
    refuse('window.closed', { channel: kind }, { instead: window.after === 'templates' ? 'send-template' : 'none' }),
  )
}
