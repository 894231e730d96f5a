/** What of a team's changes a device is told: all of it from memory, or nothing, when that does not have what it takes. */
import { isSuppressed } from '../../domain/conversations/delete.ts'
import type { ConversationId, MemberId, StoreId } from '../../domain/ids.ts'
import { TABLE_NAMES } from '../../domain/rows.ts'
import type {
  Contact,
  Conversation,
  Mark,
  Member,
  Message,
  Reply,
  ReplyFolder,
  Row,
  TableName,
} from '../../domain/rows.ts'
import { isHeld } from '../../sync/protocol.ts'
import { changesScope } from '../store/rows.ts'
import type { HeardChange } from './news-since.ts'
import { seesReplyRow } from './reply-scope.ts'
import { rowTextOf } from './row-text.ts'
import type { Patch, RowText } from './row-text.ts'
import { changesSight, inScope } from './scope.ts'
import type { Scope } from './scope.ts'

export type LivePatch =
  | { type: 'patch'; patch: Pick<Patch, 'version' | 'epoch' | 'evicts' | 'removes' | 'puts'> }
  | { type: 'resync' }
  /** The memory does not have what it takes: ask the database. */
  | { type: 'unknown' }

/** Of whom, and what is known of the team as it is after the changes. */
export type Knowledge = {
  scope: Scope
  storesOf: (id: MemberId) => readonly StoreId[]
  conversation: (id: ConversationId) => Conversation | undefined
}

/** What the member is told of the changes that led to `at`, each row at most once. */
export function judge(
  changes: readonly HeardChange[],
  know: Knowledge,
  at: Pick<Patch, 'version' | 'epoch'>,
): LivePatch {
  const { scope, storesOf } = know
  if (changes.some((change) => changesSight(change, scope.member))) return { type: 'resync' }
  const evicts: ConversationId[] = []
  const removes: (readonly [TableName, string])[] = []
  const puts: RowText[] = []
  const sees = (conversation: Conversation) => inScope(conversation, scope, storesOf)
  const contacts = new Map<string, Conversation[]>()
  for (const { table, after } of changes) {
    if (table !== 'conversation' || !after) continue
    const conversation = rowOf('conversation', after)
    contacts.set(conversation.contactId, [...(contacts.get(conversation.contactId) ?? []), conversation])
  }

  for (const { table, id, before, after, sight } of changes) {
    if (table === 'reply' || table === 'replyFolder') {
      const seesRow = (row: Row<TableName> | null) => row !== null && seesReplyRow(rowOf(table, row), scope.member)
      if (after && seesRow(after)) puts.push(rowTextOf(table, after))
      // What it was is not always known: then the device may have it.
      else if (sight || seesRow(before)) removes.push([table, id])
      continue
    }
    if (!after) {
      // A removal tells nothing but the id. That of a conversation is for all: who has lost sight of it may have written
      // for it, and that goes with it (DEL-7).
      if (table !== 'mark' || id.startsWith(`${scope.member.id}~`)) removes.push([table, id])
      continue
    }
    switch (table) {
      case 'conversation': {
        const conversation = rowOf('conversation', after)
        const now = sees(conversation)
        const saw = sight ? (sight === 'same' ? now : null) : before !== null && sees(rowOf('conversation', before))
        // What it had before it came into sight is not in these changes.
        if (now && !saw && (saw === null || before || !brings(changes, conversation.contactId))) {
          return { type: 'unknown' }
        }
        if (!now && saw !== false) evicts.push(conversation.id)
        if (!now) continue
        break
      }
      case 'message':
      case 'mark': {
        const own = table === 'message' ? rowOf('message', after) : rowOf('mark', after)
        if ('memberId' in own && own.memberId !== scope.member.id) continue
        const conversation = know.conversation(own.conversationId)
        if (!conversation) return { type: 'unknown' }
        if (!sees(conversation) || ('ordinal' in own && !isHeld(own, conversation))) continue
        break
      }
      case 'contact': {
        const known = contacts.get(id)
        // On the blacklist there are no conversations, and no device holds the contact (DEL-2).
        if (!known && isSuppressed(rowOf('contact', after))) continue
        if (!known) return { type: 'unknown' }
        if (!known.some(sees)) {
          // Another conversation of the same contact may be in sight, and did not change.
          if (before || sight) return { type: 'unknown' }
          continue
        }
        break
      }
    }
    puts.push(rowTextOf(table, after))
  }
  return { type: 'patch', patch: { ...at, evicts, removes, puts } }
}

/** The changes as one: of each row what was before the first and what is after the last, in the order of the tables. */
export function merged(parts: readonly (readonly HeardChange[])[]): HeardChange[] {
  const byRow = new Map<string, HeardChange>()
  for (const change of parts.flat()) {
    const key = `${change.table} ${change.id}`
    const earlier = byRow.get(key)
    byRow.set(key, earlier ? joined(earlier, change) : change)
  }
  return [...byRow.values()].sort((a, b) => TABLE_NAMES.indexOf(a.table) - TABLE_NAMES.indexOf(b.table))
}

function joined(earlier: HeardChange, later: HeardChange): HeardChange {
  const { table, id, after } = later
  if (!earlier.sight) return { table, id, before: earlier.before, after }
  const sight = earlier.sight === 'changed' || sightOf(later) === 'changed' ? 'changed' : 'same'
  return { table, id, before: null, after, sight }
}

/** The changes for a device that may have had some of them already; what members were is kept, as it tells no rows. */
export function withoutBefore(changes: readonly HeardChange[]): HeardChange[] {
  return changes.map((change) =>
    change.sight || change.table === 'member' ? change : { ...change, before: null, sight: sightOf(change) },
  )
}

function sightOf(change: HeardChange): 'same' | 'changed' {
  return change.sight ?? (changesScope(change) ? 'changed' : 'same')
}

/** Whether the contact itself is among the changes. */
function brings(changes: readonly HeardChange[], contactId: string): boolean {
  return changes.some(({ table, id, after }) => table === 'contact' && id === contactId && after !== null)
}

type Known = {
  member: Member
  conversation: Conversation
  message: Message
  mark: Mark
  contact: Contact
  reply: Reply
  replyFolder: ReplyFolder
}

/** A change's row, by the table it was filed under. */
export function rowOf<T extends keyof Known>(_table: T, row: Row<TableName>): Known[T] {
  // The rule's `put` checked that the row is one of the table.
  return row as Known[T]
}
