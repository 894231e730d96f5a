/** A small team in plain rows for tests of the rules: a member of every role, two stores, a web chat. */
import { ChannelId, ContactId, ConversationId, MemberId, MessageId, StoreId, TeamId } from '../domain/ids.ts'
import type { CommandArgs, MemberCommandName } from '../domain/commands.ts'
import { ROLES } from '../domain/rows.ts'
import type { Channel, Conversation, Member, Message, Role, Row, TableName, Team } from '../domain/rows.ts'
import { PlainStore } from './plain-store.ts'
import type { Outcome } from './run.ts'
import { newTeam } from '../domain/team/team.ts'

export const XINYI = StoreId.parse('xinyi')
export const QINMEI = StoreId.parse('qinmei')
export const WEBCHAT = ChannelId.parse('webchat')

/** Members are named by their role; salespeople and sales managers belong to 信義店. */
export function memberOf(role: Role, more: Partial<Member> = {}): Member {
  const id = MemberId.parse(more.id ?? role)
  const sales = role === 'salesperson' || role === 'sales_manager'
  return {
    id,
    name: id,
    email: `${id}@shop.example`,
    phone: null,
    role,
    storeIds: sales ? [XINYI] : [],
    active: true,
    ...more,
  }
}

/** The team as {@link SampleTeam} starts with it. */
export class SampleTeam {
  readonly store = new PlainStore()
  now = 1_000
  #made = 0

  constructor(channel: Partial<Channel> = {}, team: Partial<Team> = {}) {
    this.store.put('team', newTeam({ id: TeamId.parse('shop'), name: '好日子', ...team }))
    this.store.put('store', { id: XINYI, name: '信義店' })
    this.store.put('store', { id: QINMEI, name: '勤美店' })
    this.store.put('channel', {
      id: WEBCHAT,
      kind: 'webchat',
      name: '官網',
      botOn: false,
      botKeywords: [],
      welcomeText: null,
      connected: true,
      problem: null,
      ...channel,
    })
    for (const role of ROLES) this.store.put('member', memberOf(role))
    this.store.put('member', memberOf('cs_agent', { id: MemberId.parse('cs_agent2') }))
  }

  member(id: string): Member {
    return this.row('member', MemberId.parse(id))
  }

  row<T extends TableName>(table: T, id: Row<T>['id']): Row<T> {
    const row: Row<T> | undefined = this.store.all(table).find((one) => one.id === id)
    if (!row) throw new Error(`no ${table} ${id}`)
    return row
  }

  messageId(): MessageId {
    return MessageId.parse(`m${++this.#made}`)
  }

  /** The named member does it, a second after what was last done. */
  as<N extends MemberCommandName>(member: string, name: N, args: CommandArgs<N>): Outcome {
    this.now += 1_000
    return this.store.run(name, args, { actor: this.store.actor(this.member(member)), now: this.now })
  }

  /** The customer `who` writes; gives back the conversation. */
  customer(who: string, text: string | CommandArgs<'message.receive'>['content'] = '請問還有貨嗎'): Conversation {
    this.now += 1_000
    const conversationId = ConversationId.parse(`chat-${who}`)
    const outcome = this.store.run(
      'message.receive',
      {
        channelId: WEBCHAT,
        externalId: who,
        name: who,
        contactId: ContactId.parse(`contact-${who}`),
        conversationId,
        messageId: this.messageId(),
        content: typeof text === 'string' ? { kind: 'text', text } : text,
      },
      { actor: { type: 'system' }, now: this.now },
    )
    if (!outcome.ok) throw new Error(outcome.refusal.code)
    const [known] = this.store.list('conversation', 'contactId', `contact-${who}`)
    return this.row('conversation', ConversationId.parse(known?.id ?? conversationId))
  }

  conversation(who: string): Conversation {
    return this.row('conversation', ConversationId.parse(`chat-${who}`))
  }

  messages(who: string): Message[] {
    const id = ConversationId.parse(`chat-${who}`)
    return this.store
      .all('message')
      .filter((one) => one.conversationId === id)
      .sort((a, b) => a.ordinal - b.ordinal)
  }

  /** Changes the team as it is set. */
  set(change: Partial<Team>): void {
    this.store.put('team', { ...this.row('team', TeamId.parse('shop')), ...change })
  }

  /** One of the commands that take a conversation and the id of a line. */
  does(
    member: string,
    name: 'collaboration.join' | 'collaboration.leave' | 'collaboration.takeOver',
    who: string,
  ): Outcome {
    return this.as(member, name, { conversationId: this.conversation(who).id, messageId: this.messageId() })
  }

  add(member: string, who: string, ...others: string[]): Outcome {
    return this.as(member, 'collaboration.add', {
      conversationId: this.conversation(who).id,
      messageId: this.messageId(),
      memberIds: others.map((id) => MemberId.parse(id)),
    })
  }

  removeFrom(member: string, who: string, other: string): Outcome {
    return this.as(member, 'collaboration.remove', {
      conversationId: this.conversation(who).id,
      messageId: this.messageId(),
      memberId: MemberId.parse(other),
    })
  }

  take(member: string, who: string): Outcome {
    return this.as(member, 'conversation.take', {
      conversationId: this.conversation(who).id,
      messageId: this.messageId(),
    })
  }

  close(member: string, who: string): Outcome {
    return this.as(member, 'conversation.close', {
      conversationId: this.conversation(who).id,
      messageId: this.messageId(),
    })
  }

  reopen(member: string, who: string): Outcome {
    return this.as(member, 'conversation.reopen', {
      conversationId: this.conversation(who).id,
      messageId: this.messageId(),
    })
  }

  transfer(member: string, who: string, to: string): Outcome {
    const conversationId = this.conversation(who).id
    return this.as(member, 'conversation.transfer', {
      conversationId,
      messageId: this.messageId(),
      toMemberId: MemberId.parse(to),
    })
  }

  reply(member: string, who: string, text = '有的，還有三件'): Outcome {
    const conversationId = this.conversation(who).id
    return this.as(member, 'message.send', {
      conversationId,
      messageId: this.messageId(),
      content: { kind: 'text', text },
    })
  }

  note(member: string, who: string, text = '常客'): Outcome {
    return this.as(member, 'note.add', { conversationId: this.conversation(who).id, messageId: this.messageId(), text })
  }
}

/** The code of a refusal, or 'ok'. */
export function codeOf(outcome: Outcome): string {
  return outcome.ok ? 'ok' : outcome.refusal.code
}
