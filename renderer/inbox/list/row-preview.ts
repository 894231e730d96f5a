/** What the one line of a row says: the draft first, else the newest message and by whom it is. */
import type { MemberId } from '../../../backend/domain/ids.ts'
import type { LastMessage } from '../../../backend/domain/rows.ts'
import type { ConversationRow } from '../../../backend/workstation/views.ts'

export type RowPreview =
  | { kind: 'draft'; text: string }
  | { kind: 'none' }
  | {
      kind: LastMessage['kind']
      text: string
      by: 'customer' | 'you' | 'bot' | { memberId: MemberId } | null
    }

/** @param me the member at this workstation. */
export function rowPreview(row: Pick<ConversationRow, 'draft' | 'conversation'>, me: MemberId): RowPreview {
  const draft = row.draft.trim()
  if (draft !== '') return { kind: 'draft', text: draft }
  const last = row.conversation.lastMessage
  if (last === null) return { kind: 'none' }
  const { author, kind, preview } = last
  switch (author.type) {
    case 'customer':
    case 'bot':
      return { kind, text: preview, by: author.type }
    case 'member':
      return { kind, text: preview, by: author.memberId === me ? 'you' : { memberId: author.memberId } }
    case 'system':
      return { kind, text: preview, by: null }
  }
}

/** Kinds of messages that lists mark with a glyph; the words for each are `inbox.list.<kind>`. */
export const MARKED = [
  'note',
  'image',
  'file',
  'media',
  'sticker',
  'location',
  'template',
  'unsent',
  'other',
] as const satisfies LastMessage['kind'][]
export type Marked = (typeof MARKED)[number]

/** The kind, when it has a glyph. */
export function markOf(kind: LastMessage['kind']): Marked | null {
  return MARKED.find((marked) => marked === kind) ?? null
}

/** A picture's name says nothing to anybody: its kind stands in its place. So it does where there are no words. */
export function saysKind(kind: LastMessage['kind'], text: string): boolean {
  return kind === 'image' || (text === '' && markOf(kind) !== null)
}
