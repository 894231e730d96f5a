/** Deleting a conversation for ever, and putting its customer on the blacklist (DEL-1 to DEL-9). */
import { z } from 'zod'
import { CAPABILITIES } from '../channels/capabilities.ts'
import { Failure } from '../channels/failures.ts'
import { ContactId, ConversationId } from '../ids.ts'
import { ALLOWED, refuse, refused } from '../refusal.ts'
import type { Verdict } from '../refusal.ts'
import { allow, asMemberNow, defineCommand, effect, get, list, put, reject, remove } from '../rule.ts'
import type { Rule } from '../rule.ts'
import type { Blocked, Channel, Contact, Conversation, Member, Team, Time } from '../rows.ts'
import { mayBy } from '../team/team.ts'
import type { Moment, Permission } from '../team/team.ts'
import { BatchPlace, inBatch } from './batch.ts'
import { permitted } from './permitted.ts'

/** Delete 刪除對話, whatever its status; never a group (DEL-3, ROL-3). */
export function mayDelete(conversation: Conversation, member: Member, { team }: Moment): Verdict {
  return mayErase('delete', conversation, member, team)
}

/** Put the customer on the blacklist 加入黑名單, which deletes the conversation (DEL-2, DEL-3, ROL-3). */
export function mayBlacklist(conversation: Conversation, member: Member, { team }: Moment): Verdict {
  return mayErase('blacklist', conversation, member, team)
}

/** See the blacklist, and take somebody off it (DEL-9). */
export function mayLift(member: Member, { team }: Moment): Verdict {
  return mayBy('blacklist', member, team)
}

function mayErase(permission: Permission, conversation: Conversation, member: Member, team: Team): Verdict {
  const permitted = mayBy(permission, member, team)
  if (!permitted.allowed) return permitted
  return conversation.kind === 'group' ? refused(refuse('conversation.group', {})) : ALLOWED
}

const args = { conversationId: ConversationId, batch: BatchPlace.optional() }

/** Removes the conversation with every message, for everybody and for ever. */
export const deleteConversation = defineCommand({
  name: 'conversation.delete',
  by: 'member',
  offline: 'online-only',
  args: z.strictObject(args),
  *run({ conversationId, batch }, context) {
    const { conversation } = yield* permitted(conversationId, context, inBatch('delete', batch, mayDelete))
    const contact = yield* contactOf(conversation)
    yield* put('contact', { ...contact, deletions: contact.deletions + 1 })
    yield* erase(conversation)
  },
})

/** Blocks the contact, cancels its subscription and deletes its conversation: all of it or nothing. */
export const blacklistContact = defineCommand({
  name: 'conversation.blacklist',
  by: 'member',
  offline: 'online-only',
  args: z.strictObject(args),
  *run({ conversationId, batch }, context) {
    const { member, conversation } = yield* permitted(
      conversationId,
      context,
      inBatch('blacklist', batch, mayBlacklist),
    )
    const contact = yield* contactOf(conversation)
    const channel = yield* get('channel', conversation.channelId)
    if (!channel) return yield* reject(refuse('request.notFound', {}))
    const platform = { state: platformState(channel, conversation, context.now) } as const
    const blocked = { by: member.id, at: context.now, suppressed: 0, lifting: false, platform }
    const conversations = yield* list('conversation', 'contactId', contact.id)
    yield* put('contact', {
      ...contact,
      blocked,
      subscribed: false,
      deletions: contact.deletions + conversations.length,
    })
    for (const one of conversations) yield* erase(one)
    if (platform.state === 'asked') yield* block(contact, true)
  },
})

/** Takes somebody off the blacklist; messages and subscription stay gone (DEL-9). */
export const liftBlock = defineCommand({
  name: 'contact.lift',
  by: 'member',
  offline: 'online-only',
  args: z.strictObject({ contactId: ContactId }),
  *run({ contactId }, context) {
    const { member, moment } = yield* asMemberNow(context)
    yield* allow(mayLift(member, moment))
    const contact = yield* get('contact', contactId)
    if (!contact?.blocked) return yield* reject(refuse('blacklist.not', {}))
    const { state } = contact.blocked.platform
    const stands = state === 'done' || state === 'asked' || contact.blocked.lifting
    yield* put('contact', {
      ...contact,
      blocked: stands ? { ...contact.blocked, lifting: true, platform: { state: 'asked' } } : null,
    })
    if (stands) yield* block(contact, false)
  },
})

/** How the platform took it (DEL-8). Given by the hub. */
export const settleBlock = defineCommand({
  name: 'contact.blockSettled',
  by: 'system',
  offline: 'online-only',
  args: z.strictObject({
    contactId: ContactId,
    /** What had been asked for: an answer to an earlier wish changes nothing. */
    blocked: z.boolean(),
    failure: z.strictObject({ code: Failure, platformCode: z.string().max(200).nullable() }).nullable(),
  }),
  *run({ contactId, blocked: wanted, failure }) {
    const contact = yield* get('contact', contactId)
    if (!contact?.blocked || contact.blocked.lifting === wanted) return
    const platform: Blocked['platform'] = failure ? { state: 'failed', ...failure } : { state: 'done' }
    const isLifted = !wanted && failure === null
    yield* put('contact', { ...contact, blocked: isLifted ? null : { ...contact.blocked, platform } })
  },
})

/** Whether what the contact sends reaches anybody. */
export function isSuppressed(contact: Pick<Contact, 'blocked'>): boolean {
  return contact.blocked !== null && !contact.blocked.lifting
}

function* erase({ id: conversationId, channelId }: Conversation): Rule {
  yield* remove('conversation', conversationId)
  yield* effect({ type: 'conversation.erase', channelId, conversationId })
}

function block({ id: contactId, channelId }: Contact, blocked: boolean): Rule {
  return effect({ type: 'channel.block', channelId, contactId, blocked })
}

function platformState(channel: Channel, { lastInboundAt }: Conversation, now: Time): 'none' | 'late' | 'asked' {
  const { blockWithin } = CAPABILITIES[channel.kind]
  if (blockWithin === null || !channel.connected) return 'none'
  return lastInboundAt !== null && now - lastInboundAt < blockWithin ? 'asked' : 'late'
}

function* contactOf(conversation: Conversation): Rule<Contact> {
  const contact = yield* get('contact', conversation.contactId)
  return contact ?? (yield* reject(refuse('request.notFound', {})))
}
