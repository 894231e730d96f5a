/** What a patch changed about who is in a conversation: what notices are made of, taken as the patch goes in. */
import type { ConversationId } from '../../domain/ids.ts'
import type { Conversation, Event, Message } from '../../domain/rows.ts'
import type { TableRow } from '../../sync/protocol.ts'

/** One conversation that a patch changed, by what the hub said before and says now; what waits here is in neither. */
export type Happened = {
  /** Null when the device did not have it. */
  before: Conversation | null
  now: Conversation
  /** Its system lines that came with the patch and are new, oldest first; all that came when the device had none of it. */
  lines: { id: Message['id']; event: Event }[]
  contactName: string
}

/**
 * Of a patch's rows, the conversations where somebody came, went or asked to be let in.
 * @param before as the device had it before the patch
 * @param nameOf the name of a conversation's contact, after the patch
 */
export function happenedIn(
  rows: readonly TableRow[],
  before: ReadonlyMap<ConversationId, Conversation>,
  nameOf: (conversation: Conversation) => string,
): Happened[] {
  const lines = Map.groupBy(
    rows.flatMap(([table, row]) => (table === 'message' && row.body.kind === 'event' ? [row] : [])),
    ({ conversationId }) => conversationId,
  )
  return rows.flatMap(([table, now]): Happened[] => {
    if (table !== 'conversation') return []
    const known = before.get(now.id) ?? null
    const fresh = (lines.get(now.id) ?? [])
      .filter(({ ordinal }) => ordinal > (known?.messageCount ?? 0))
      .toSorted((a, b) => a.ordinal - b.ordinal)
      .flatMap(({ id, body }) => (body.kind === 'event' ? [{ id, event: body.event }] : []))
    const asked = known !== null && now.askingIds.some((id) => !known.askingIds.includes(id))
    if (fresh.length === 0 && !asked) return []
    return [{ before: known, now, lines: fresh, contactName: nameOf(now) }]
  })
}
