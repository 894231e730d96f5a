/**
 * The language rules are written in: a rule is a generator that asks for rows and tells what changes. It never touches
 * a database, so that the same function runs synchronously on a workstation, asynchronously on the hub, and on plain
 * maps in tests (`backend/sync/run.ts` runs it).
 */
import type { z } from 'zod'
import { refuse } from './refusal.ts'
import type { Refusal, Verdict } from './refusal.ts'
import type { Moment } from './team/team.ts'
import type { AttachmentId, ChannelId, ContactId, ConversationId, MessageId } from './ids.ts'
import type { IndexedTable, IndexOf, Member, Row, RowId, TableName, Team, Time } from './rows.ts'

/** What a rule wants done outside, recorded with its changes and carried out by the hub's jobs. */
export type Effect =
  | { type: 'channel.send'; channelId: ChannelId; conversationId: ConversationId; messageId: MessageId }
  /** Fetch what the customer sent: `ref` is the platform's. */
  | { type: 'channel.media'; channelId: ChannelId; conversationId: ConversationId; messageId: MessageId; ref: string }
  /** Ask the platform for the contact's name, or for that of somebody (`of`) in the group. */
  | { type: 'channel.profile'; channelId: ChannelId; contactId: ContactId; of: string | null }
  /** Greet a new friend; `messageId` is that of the event it answers. */
  | { type: 'channel.welcome'; channelId: ChannelId; contactId: ContactId; messageId: MessageId }
  /** Remove a file that no message and no saved reply shows any more. */
  | { type: 'attachment.remove'; attachmentId: AttachmentId }
  /** Leave no byte of a conversation that was deleted (DEL-7). */
  | { type: 'conversation.erase'; channelId: ChannelId; conversationId: ConversationId }
  /** Make, or lift, the platform's own block of a contact (DEL-8). */
  | { type: 'channel.block'; channelId: ChannelId; contactId: ContactId; blocked: boolean }

export type Read =
  { op: 'get'; table: TableName; id: string } | { op: 'list'; table: IndexedTable; index: string; value: string }

export type Ask =
  | Read
  | { op: 'put'; table: TableName; row: Row<TableName> }
  | { op: 'remove'; table: TableName; id: string }
  | { op: 'effect'; effect: Effect }
  | { op: 'reject'; refusal: Refusal }

/** A rule in progress: it yields what it asks and is resumed with the answer. */
export type Rule<R = void> = Generator<Ask, R, unknown>

/** The row with this id, or undefined. */
export function* get<T extends TableName>(table: T, id: RowId<T>): Rule<Row<T> | undefined> {
  // The runner answers a `get` with a row of the table that was asked for: the one place where that is promised.
  return (yield { op: 'get', table, id }) as Row<T> | undefined
}

/** Every row whose indexed field has this value; messages by ordinal, others by id. */
export function* list<T extends IndexedTable, I extends IndexOf<T>>(table: T, index: I, value: string): Rule<Row<T>[]> {
  return (yield { op: 'list', table, index, value }) as Row<T>[]
}

/** Writes a row whole, new or not. */
export function* put<T extends TableName>(table: T, row: Row<T>): Rule {
  yield { op: 'put', table, row }
}

/**
 * Removes a row; nothing happens when there is none. With a conversation goes everything under it, its messages and
 * marks, at once and untold (DEL-1): stores see to that.
 */
export function* remove<T extends TableName>(table: T, id: RowId<T>): Rule {
  yield { op: 'remove', table, id }
}

/** Records something to be done outside. */
export function* effect(value: Effect): Rule {
  yield { op: 'effect', effect: value }
}

/** Refuses the command: nothing it wrote is kept, and the rule does not go on. */
export function* reject(refusal: Refusal): Rule<never> {
  yield { op: 'reject', refusal }
  throw new Error('a refused rule was resumed')
}

/** Goes on when the verdict allows it, refuses otherwise. */
export function* allow(verdict: Verdict): Rule {
  if (!verdict.allowed) yield* reject(verdict.refusal)
}

/** Who gives a command: a member at a workstation, with their team, or the hub itself (a channel's event, a job). */
export type Actor = { type: 'member'; member: Member; team: Team } | { type: 'system' }
export type Context = { actor: Actor; now: Time }

/** The member who gives the command; a command of the hub itself is refused. */
export function* asMember({ actor }: Context): Rule<Member> {
  if (actor.type === 'member') return actor.member
  return yield* reject(refuse('member.mayNot', {}))
}

/** The member who gives the command, and the team as it is at that moment. */
export function* asMemberNow(context: Context): Rule<{ member: Member; moment: Moment }> {
  const member = yield* asMember(context)
  // The context of a member has their team.
  if (context.actor.type !== 'member') throw new Error('a command of nobody went on')
  return { member, moment: { team: context.actor.team, now: context.now } }
}

export type Command<
  N extends string = string,
  S extends z.ZodType = z.ZodType,
  B extends 'member' | 'system' = 'member' | 'system',
> = {
  name: N
  /** What it takes; checked at every edge before the rule runs. */
  args: S
  /** Who may give it at all: `system` commands are never taken from a socket. */
  by: B
  /** Whether it may wait on the device for the hub, or needs the hub at once. */
  offline: 'queue' | 'online-only'
  /**
   * What the rule is going to read, as far as the arguments tell, so that a store that is far away can be asked for all
   * of it at once. It changes nothing but the time it takes: a row that is not named is read when the rule asks.
   */
  reads?: (args: z.input<S>) => readonly Read[]
  run: (args: z.output<S>, context: Context) => Rule
}

/** Declares a command; the name's type is kept so that callers are checked. */
export function defineCommand<const N extends string, S extends z.ZodType, const B extends 'member' | 'system'>(
  command: Command<N, S, B>,
): Command<N, S, B> {
  return command
}
