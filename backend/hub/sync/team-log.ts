/** A team's recent commits in memory: what most devices need to stay up to date, without a query for each of them. */
import type { ConversationId, MemberId, StoreId } from '../../domain/ids.ts'
import { TABLE_NAMES } from '../../domain/rows.ts'
import type { Contact, Conversation, Mark, Member, Message, Row, TableName } from '../../domain/rows.ts'
import { isHeld } from '../../sync/protocol.ts'
import type { Version } from '../../sync/protocol.ts'
import type { Change } from '../../sync/run.ts'
import type { Commit } from '../core.ts'
import { rowTextOf } from './row-text.ts'
import type { Patch, RowText } from './row-text.ts'
import { changesSight, inScope } from './scope.ts'
import type { Scope } from './scope.ts'

/** How many commits are kept. */
const COMMITS_KEPT = 2_000
/** How many conversations are kept as they are now, to judge rows under them. */
const CONVERSATIONS_KEPT = 20_000

export type LivePatch =
  | { type: 'patch'; patch: Pick<Patch, 'version' | 'epoch' | 'evicts' | 'removes' | 'puts'> }
  | { type: 'resync' }
  /** The memory does not have what it takes: ask the database. */
  | { type: 'unknown' }

export class TeamLog {
  /** The team's version. */
  head: Version
  /** Of `head`. */
  epoch: string
  /** Without a gap, up to `head`. */
  #commits: Commit[] = []
  readonly #members: Map<MemberId, Member>
  readonly #conversations = new Map<ConversationId, Conversation>()

  /** `members`: all of the team, as of `head`. */
  constructor(head: Version, epoch: string, members: readonly Member[]) {
    this.head = head
    this.epoch = epoch
    this.#members = new Map(members.map((member) => [member.id, member]))
  }

  readonly storesOf = (id: MemberId): readonly StoreId[] => this.#members.get(id)?.storeIds ?? []

  append(commit: Commit): void {
    // Another hub may have committed in between; what it did is only in the database.
    if (commit.version !== this.head + 1) this.#commits = []
    this.head = commit.version
    this.epoch = commit.epoch
    this.#commits.push(commit)
    if (this.#commits.length > COMMITS_KEPT) this.#commits.splice(0, this.#commits.length - COMMITS_KEPT)
    for (const { table, id, before, after } of commit.changes) {
      if (table === 'member') {
        if (after) this.#members.set(rowOf('member', after).id, rowOf('member', after))
        else if (before) this.#members.delete(rowOf('member', before).id)
      } else if (table === 'conversation') {
        if (after) this.#keep(rowOf('conversation', after))
        else this.#conversations.delete(rowOf('conversation', before ?? raise(`${id} was never there`)).id)
      }
    }
  }

  /** The team is at `version` by means that no commit tells of; `members` are those of now. */
  reset(version: Version, epoch: string, members: readonly Member[]): void {
    this.head = version
    this.epoch = epoch
    this.#commits = []
    this.#conversations.clear()
    this.#members.clear()
    for (const member of members) this.#members.set(member.id, member)
  }

  member(id: MemberId): Member | undefined {
    return this.#members.get(id)
  }

  conversation(id: ConversationId): Conversation | undefined {
    return this.#conversations.get(id)
  }

  /** Takes in a conversation that was read; what a commit told is newer. */
  remember(conversation: Conversation): void {
    if (!this.#conversations.has(conversation.id)) this.#keep(conversation)
  }

  /** What changed within the scope after `cursor`, up to `head`. */
  since(cursor: Version, scope: Scope): LivePatch {
    const missed = this.head - cursor
    if (missed > this.#commits.length || missed < 0) return { type: 'unknown' }
    const changes = missed === 0 ? [] : merged(this.#commits.slice(-missed))
    if (changes.some((change) => changesSight(change, scope.member))) return { type: 'resync' }
    return this.#judge(changes, scope)
  }

  #judge(changes: readonly Change[], scope: Scope): LivePatch {
    const evicts: ConversationId[] = []
    const removes: (readonly [TableName, string])[] = []
    const puts: RowText[] = []
    const sees = (conversation: Conversation) => inScope(conversation, scope, this.storesOf)
    const contacts = new Map<string, Conversation[]>()
    for (const { table, after } of changes) {
      if (table !== 'conversation' || !after) continue
      const conversation = rowOf('conversation', after)
      contacts.set(conversation.contactId, [...(contacts.get(conversation.contactId) ?? []), conversation])
    }

    for (const { table, id, before, after } of changes) {
      const row = after ?? before
      if (!row) continue
      switch (table) {
        case 'conversation': {
          const saw = before !== null && sees(rowOf('conversation', before))
          const now = after !== null && sees(rowOf('conversation', after))
          // What it had before it came into sight is not in these commits.
          if (now && !saw && (before || !brings(changes, rowOf('conversation', after).contactId))) {
            return { type: 'unknown' }
          }
          if (saw && !after) removes.push([table, id])
          else if (saw && !now) evicts.push(rowOf('conversation', row).id)
          if (!now) continue
          break
        }
        case 'message':
        case 'mark': {
          const own = table === 'message' ? rowOf('message', row) : rowOf('mark', row)
          if ('memberId' in own && own.memberId !== scope.member.id) continue
          // With its conversation goes all under it; a removal tells nothing but the id.
          if (!after) break
          const conversation = this.#conversations.get(own.conversationId)
          if (!conversation) return { type: 'unknown' }
          if (!sees(conversation) || ('ordinal' in own && !isHeld(own, conversation))) continue
          break
        }
        case 'contact': {
          if (!after) break
          const known = contacts.get(id)
          if (!known) return { type: 'unknown' }
          if (!known.some(sees)) {
            // Another conversation of the same contact may be in sight, and did not change.
            if (before) return { type: 'unknown' }
            continue
          }
          break
        }
      }
      if (after) puts.push(rowTextOf(table, after))
      else if (table !== 'conversation') removes.push([table, id])
    }
    return { type: 'patch', patch: { version: this.head, epoch: this.epoch, evicts, removes, puts } }
  }

  #keep(conversation: Conversation): void {
    this.#conversations.delete(conversation.id)
    this.#conversations.set(conversation.id, conversation)
    if (this.#conversations.size <= CONVERSATIONS_KEPT) return
    const oldest = this.#conversations.keys().next()
    if (!oldest.done) this.#conversations.delete(oldest.value)
  }
}

/** The commits as one: of each row what was before the first and what is after the last, in the order of the tables. */
function merged(commits: readonly Commit[]): Change[] {
  const changes = commits.flatMap((commit) => commit.changes)
  const byRow = new Map<string, Change>()
  for (const change of changes) {
    const key = `${change.table} ${change.id}`
    const earlier = byRow.get(key)
    byRow.set(key, earlier ? { ...change, before: earlier.before } : change)
  }
  return [...byRow.values()].sort((a, b) => TABLE_NAMES.indexOf(a.table) - TABLE_NAMES.indexOf(b.table))
}

/** Whether the contact itself is among the changes. */
function brings(changes: readonly Change[], contactId: string): boolean {
  return changes.some(({ table, id, after }) => table === 'contact' && id === contactId && after !== null)
}

type Known = { member: Member; conversation: Conversation; message: Message; mark: Mark; contact: Contact }

/** A change's row, by the table it was filed under. */
function rowOf<T extends keyof Known>(_table: T, row: Row<TableName>): Known[T] {
  // The rule's `put` checked that the row is one of the table.
  return row as Known[T]
}

function raise(message: string): never {
  throw new Error(message)
}
