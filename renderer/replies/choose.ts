/** Which saved replies are offered for what was typed, and in which order (REP-2). */
import type { ReplyFolderId } from '../../backend/domain/ids.ts'
import { replyFiles } from '../../backend/domain/replies/files.ts'
import { isFor } from '../../backend/domain/replies/permissions.ts'
import { searchReplies } from '../../backend/domain/replies/search.ts'
import type { Member, Reply } from '../../backend/domain/rows.ts'
import type { SavedReplies } from '../../backend/workstation/views.ts'

/** Replies of one folder. `others` are those that are not meant for the member, who only sees to them. */
export type ReplyGroup = {
  key: string
  /** The folder's name; null for what is in none. */
  name: string | null
  others: boolean
  replies: Reply[]
}

/**
 * Those that match, by folder. What is meant for the member comes first; without words folders stand in their own order,
 * with words the one with the best match is first.
 */
export function groupsFor({ folders, replies }: SavedReplies, member: Member, typed: string): ReplyGroup[] {
  const found = searchReplies(byName(replies), folders, typed)
  const mine = found.filter((reply) => isFor(reply, member))
  const others = found.filter((reply) => !isFor(reply, member))
  const names = new Map(folders.map(({ id, name }) => [id, name]))
  const order: (ReplyFolderId | null)[] = folders.map(({ id }) => id)
  // A folder that the member does not have is none.
  const folderOf = ({ folderId }: Reply) => (folderId !== null && names.has(folderId) ? folderId : null)
  const places = typed.trim() === '' ? [...order, null] : [...new Set(mine.map(folderOf))]
  const groups = places.map((id): ReplyGroup => ({
    key: id ?? 'none',
    name: id === null ? null : (names.get(id) ?? null),
    others: false,
    replies: mine.filter((reply) => folderOf(reply) === id),
  }))
  return [...groups, { key: 'others', name: null, others: true, replies: others }].filter(
    (group) => group.replies.length > 0,
  )
}

/** By name as people of Taiwan sort them; the same name by id, so that nothing changes places. */
export function byName(replies: readonly Reply[]): Reply[] {
  return replies.toSorted((a, b) => a.name.localeCompare(b.name, 'zh-Hant-TW') || (a.id < b.id ? -1 : 1))
}

/** What a row of a list tells of a reply: the beginning of its text, and how much else it holds. */
export function glance(reply: Pick<Reply, 'messages'>): { line: string; pictures: number; files: number } {
  const text = reply.messages.find((message) => message.kind === 'text')
  const files = replyFiles(reply)
  const pictures = files.filter(({ kind }) => kind === 'image').length
  return { line: text?.text.trim().split('\n')[0] ?? '', pictures, files: files.length - pictures }
}
