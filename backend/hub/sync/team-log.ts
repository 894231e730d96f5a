/**
 * A team's recent commits in memory: what most devices need to stay up to date, without a query for each of them.
 * Everything in it (members, conversations, commits) is exactly as of `head`; what does not follow on `head` is not taken
 * in, so nothing is ever judged by members or conversations of another time.
 */
import type { ConversationId, MemberId, StoreId } from '../../domain/ids.ts'
import type { Conversation, Member } from '../../domain/rows.ts'
import type { Version } from '../../sync/protocol.ts'
import type { Commit } from '../core.ts'
import { judge, merged, rowOf, withoutBefore } from './judge.ts'
import type { LivePatch } from './judge.ts'
import type { HeardChange, NewsSince } from './news-since.ts'
import type { Scope } from './scope.ts'

/** How many commits are kept. */
const COMMITS_KEPT = 2_000
/** How many conversations are kept as they are now, to judge rows under them. */
const CONVERSATIONS_KEPT = 20_000

/** What led from one version to a later one: a commit, or several that other hubs made. */
type Stretch = { from: Version; to: Version; changes: readonly HeardChange[] }

export class TeamLog {
  /** The team's version. */
  head: Version
  /** Of `head`. */
  epoch: string
  /**
   * Up to this version what happened was read from the database: of which queues it was taken is not known here, but for
   * those that were asked about.
   */
  readUpTo: Version
  /** Counts the resets: what was read from the database before one may be older than `head`. */
  resets = 0
  /** Without a gap, up to `head`. */
  #stretches: Stretch[] = []
  readonly #members: Map<MemberId, Member>
  readonly #conversations = new Map<ConversationId, Conversation>()

  /** `members`: all of the team, as of `head`. */
  constructor(head: Version, epoch: string, members: readonly Member[]) {
    this.head = head
    this.epoch = epoch
    this.readUpTo = head
    this.#members = new Map(members.map((member) => [member.id, member]))
  }

  readonly storesOf = (id: MemberId): readonly StoreId[] => this.#members.get(id)?.storeIds ?? []

  /** @returns whether it was the next one; any other changes nothing */
  append({ version, epoch, changes }: Commit): boolean {
    if (version !== this.head + 1) return false
    this.#take({ from: this.head, to: version, changes }, epoch)
    return true
  }

  /** Takes in what other hubs committed. @returns whether it followed on `head`; otherwise nothing changes */
  read({ from, version, epoch, changes, beside }: NewsSince): boolean {
    if (from !== this.head || version <= from) return false
    this.#take({ from, to: version, changes: changes.map((change) => this.#withBefore(change)) }, epoch)
    this.readUpTo = version
    for (const conversation of beside) this.remember(conversation)
    return true
  }

  /** The team is at `version`, which may be before `head`; `members` are those of then. */
  reset(version: Version, epoch: string, members: readonly Member[]): void {
    this.head = version
    this.epoch = epoch
    this.readUpTo = version
    this.resets += 1
    this.#stretches = []
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

  /** Takes in a conversation as of `head`; one that is here already is. */
  remember(conversation: Conversation): void {
    if (!this.#conversations.has(conversation.id)) this.#keep(conversation)
  }

  /** What changed within the scope after `cursor`, up to `head`. */
  since(cursor: Version, scope: Scope): LivePatch {
    if (cursor > this.head) return { type: 'unknown' }
    const first =
      cursor === this.head ? this.#stretches.length : this.#stretches.findLastIndex((one) => one.from <= cursor)
    if (first === -1) return { type: 'unknown' }
    // Of one that began before the cursor, what it began with is not what the device has.
    const parts = this.#stretches
      .slice(first)
      .map(({ from, changes }) => (from < cursor ? withoutBefore(changes) : changes))
    const { head: version, epoch } = this
    const know = { scope, storesOf: this.storesOf, conversation: (id: ConversationId) => this.conversation(id) }
    return judge(merged(parts), know, { version, epoch })
  }

  #take(stretch: Stretch, epoch: string): void {
    this.head = stretch.to
    this.epoch = epoch
    this.#stretches.push(stretch)
    if (this.#stretches.length > COMMITS_KEPT) this.#stretches.splice(0, this.#stretches.length - COMMITS_KEPT)
    for (const { table, id, after } of stretch.changes) {
      if (table === 'member') {
        if (after) this.#members.set(rowOf('member', after).id, rowOf('member', after))
        else this.#members.delete(id as MemberId)
      } else if (table === 'conversation') {
        if (after) this.#keep(rowOf('conversation', after))
        else this.#conversations.delete(id as ConversationId)
      }
    }
  }

  /** What the row was before is known here of every member, and of recent conversations. */
  #withBefore({ table, id, after, sight, ...change }: HeardChange): HeardChange {
    const before =
      table === 'member'
        ? (this.#members.get(id as MemberId) ?? null)
        : table === 'conversation'
          ? this.#conversations.get(id as ConversationId)
          : undefined
    if (before === undefined) return { ...change, table, id, after, ...(sight ? { sight } : {}) }
    return { table, id, before, after }
  }

  #keep(conversation: Conversation): void {
    this.#conversations.delete(conversation.id)
    this.#conversations.set(conversation.id, conversation)
    if (this.#conversations.size <= CONVERSATIONS_KEPT) return
    const oldest = this.#conversations.keys().next()
    if (!oldest.done) this.#conversations.delete(oldest.value)
  }
}
