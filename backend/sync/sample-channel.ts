/** For tests: what happens on a channel of any kind, given to the rules as the hub gives it. */
import { ContactId, ConversationId } from '../domain/ids.ts'
import type { MessageId } from '../domain/ids.ts'
import type { CommandArgs, CommandName } from '../domain/commands.ts'
import type { Channel } from '../domain/rows.ts'
import { SampleTeam, WEBCHAT } from './sample-team.ts'
import type { Outcome } from './run.ts'

/** A team whose one channel is of the given kind. */
export class ChannelTeam extends SampleTeam {
  constructor(kind: Channel['kind'], channel: Partial<Channel> = {}) {
    super({ kind, ...channel })
    this.now = Date.UTC(2026, 4, 20)
  }

  /** The hub gives a command, a second after what was last done. */
  hub<N extends CommandName>(name: N, args: CommandArgs<N>): Outcome {
    this.now += 1_000
    return this.store.run(name, args, { actor: { type: 'system' }, now: this.now })
  }

  /** A customer, or somebody in a group, writes. */
  hears(who: string, more: Partial<CommandArgs<'message.receive'>> = {}): Outcome {
    return this.hub('message.receive', {
      ...this.source(who),
      conversationId: ConversationId.parse(`chat-${who}`),
      messageId: this.messageId(),
      content: { kind: 'text', text: '請問還有貨嗎' },
      ...more,
    })
  }

  /** Who an event is from. */
  source(who: string) {
    return { channelId: WEBCHAT, externalId: who, name: who, contactId: ContactId.parse(`contact-${who}`) }
  }

  contact(who: string) {
    return this.row('contact', ContactId.parse(`contact-${who}`))
  }

  /** A member sends. */
  sends(member: string, who: string, content: CommandArgs<'message.send'>['content']): Outcome {
    const conversationId = ConversationId.parse(`chat-${who}`)
    return this.as(member, 'message.send', { conversationId, messageId: this.messageId(), content })
  }

  lastMessage(who: string) {
    const message = this.messages(who).at(-1)
    if (!message) throw new Error('nobody has written yet')
    return message
  }

  /** The id that the newest message of the conversation has. */
  lastId(who: string): MessageId {
    return this.lastMessage(who).id
  }
}
