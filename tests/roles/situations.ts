/**
 * Every situation in which a member may stand to a conversation: role × status × membership × kind × flag, as rows of a
 * team. Each situation is there once for every command, so that what one does changes nothing for another.
 */
import { ContactId, ConversationId, MemberId, MessageId } from '../../backend/domain/ids.ts'
import type { ChannelId } from '../../backend/domain/ids.ts'
import { ROLES } from '../../backend/domain/rows.ts'
import type { Contact, Conversation, Member, Message, Role, Status, Team } from '../../backend/domain/rows.ts'
import type { Moment } from '../../backend/domain/team/team.ts'
import type { TableRow } from '../../backend/sync/protocol.ts'
import { SampleTeam, WEBCHAT, memberOf } from '../../backend/sync/sample-team.ts'

/** Who is in the conversation, from the member's side. `Shared`: there are collaborators beside the follower. */
export const MEMBERSHIPS = ['nobody', 'others', 'othersShared', 'mine', 'mineShared', 'sharedWithMe'] as const
export type Membership = (typeof MEMBERSHIPS)[number]
export const FLAGS = ['off', 'on'] as const

export type Situation = {
  role: Role
  status: Status
  membership: Membership
  kind: Conversation['kind']
  flag: (typeof FLAGS)[number]
}

/** Colleagues whom no situation is about: who follows and who collaborates, both of the sales people's store. */
export const OTHER = memberOf('cs_agent', { id: MemberId.parse('other'), storeIds: memberOf('salesperson').storeIds })
export const THIRD = memberOf('marketing_cs', { id: MemberId.parse('third') })
export const NEW = memberOf('cs_agent', { id: MemberId.parse('new') })
/** Who asks to be let in, wherever somebody could be. */
export const ASKER = memberOf('marketing_cs', { id: MemberId.parse('asker') })

/** Every combination that can be: what waits has nobody, what is open has a follower, a group has no collaborators. */
export function situations(): Situation[] {
  const all: Situation[] = []
  for (const flag of FLAGS) {
    for (const role of ROLES) {
      for (const status of ['pending_person', 'pending_bot', 'open', 'closed'] as const) {
        for (const membership of MEMBERSHIPS) {
          for (const kind of ['direct', 'group'] as const) {
            if (status.startsWith('pending') !== (membership === 'nobody') && status !== 'closed') continue
            if (kind === 'group' && /shared/i.test(membership)) continue
            all.push({ flag, role, status, membership, kind })
          }
        }
      }
    }
  }
  return all
}

export function named({ role, status, membership, kind, flag }: Situation): string {
  return `${role} ${status} ${membership} ${kind} ${flag}`
}

/** The member of the situation. */
export function actorOf({ role }: Situation): Member {
  return memberOf(role)
}

/** The team with its flag, at the time `now`. */
export function momentOf({ flag }: Pick<Situation, 'flag'>, now: number): Moment {
  const [team] = teamFor(flag).store.all('team')
  if (!team) throw new Error('the sample has a team')
  return { team, now }
}

function teamFor(flag: Situation['flag']): SampleTeam {
  const from = flag === 'on' ? 0 : null
  const sample = new SampleTeam({}, { collaboration: { from, omoFrom: from } } satisfies Partial<Team>)
  for (const member of [OTHER, THIRD, NEW, ASKER]) sample.store.put('member', member)
  return sample
}

/** The team's own rows. */
export function teamRows(flag: Situation['flag']): TableRow[] {
  const { store } = teamFor(flag)
  return [
    ...store.all('team').map((row): TableRow => ['team', row]),
    ...store.all('store').map((row): TableRow => ['store', row]),
    ...store.all('member').map((row): TableRow => ['member', row]),
    ...store.all('channel').map((row): TableRow => ['channel', row]),
  ]
}

/** The conversation of a situation, with its contact, a message of the customer and one of ours that failed. */
export function rowsOf(situation: Situation, n: number): TableRow[] {
  const { contact, conversation, messages } = sampleOf(situation, n)
  return [
    ['contact', contact],
    ['conversation', conversation],
    ...messages.map((message): TableRow => ['message', message]),
  ]
}

export function conversationIdFor(n: number): ConversationId {
  return ConversationId.parse(`chat-${n}`)
}
export function failedIdFor(n: number): MessageId {
  return MessageId.parse(`failed-${n}`)
}

export function sampleOf(
  { role, status, membership, kind }: Situation,
  n: number,
): { contact: Contact; conversation: Conversation; messages: Message[] } {
  const me = memberOf(role).id
  const people: Record<Membership, [MemberId | null, MemberId[]]> = {
    nobody: [null, []],
    others: [OTHER.id, []],
    othersShared: [OTHER.id, [THIRD.id]],
    mine: [me, []],
    mineShared: [me, [THIRD.id]],
    sharedWithMe: [OTHER.id, [THIRD.id, me]],
  }
  const [followerId, collaboratorIds] = people[membership]
  const id = conversationIdFor(n)
  const contactId = ContactId.parse(`contact-${n}`)
  const channelId: ChannelId = WEBCHAT
  const isClosed = status === 'closed'
  const inbound: Message = {
    id: MessageId.parse(`in-${n}`),
    conversationId: id,
    ordinal: 1,
    author: { type: 'customer', from: null },
    body: { kind: 'text', text: '在嗎' },
    delivery: null,
    at: 1,
  }
  const failed: Message = {
    ...inbound,
    id: failedIdFor(n),
    ordinal: 2,
    author: { type: 'member', memberId: OTHER.id },
    delivery: { state: 'failed', code: 'channel.failed', platformCode: null },
  }
  return {
    contact: {
      id: contactId,
      kind: kind === 'group' ? 'group' : 'person',
      channelId,
      externalId: `customer-${n}`,
      name: `客人 ${n}`,
      phone: null,
      email: null,
      memberNumber: null,
      matchedPhone: null,
      tagIds: [],
      subscribed: true,
      platformBlockedAt: null,
      people: [],
      binding: null,
      blocked: null,
      deletions: 0,
      createdAt: 1,
    },
    conversation: {
      id,
      kind,
      contactId,
      channelId,
      status,
      followerId,
      collaboratorIds,
      askingIds: status === 'open' && kind === 'direct' ? [ASKER.id] : [],
      messageCount: 2,
      inboundCount: 1,
      clearedInbound: 0,
      lastMessage: null,
      lastInboundAt: 1,
      waitingSince: isClosed ? null : 1,
      createdAt: 1,
      closedAt: isClosed ? Date.now() : null,
      closedBy: isClosed ? OTHER.id : null,
    },
    messages: [inbound, failed],
  }
}
