/** Who looks at which conversation, and who types there (CNV-12). Kept in memory alone: it is about now. */
import type { ConversationId, MemberId } from '../../domain/ids.ts'

/** How long a customer is said to type after the last sign of it, in ms. */
export const CUSTOMER_TYPING_MS = 6_000

export type Seen = { viewers: { memberId: MemberId; typing: boolean }[]; customerTyping: boolean }
/** A connection of this hub, or the name of one of another. */
type Viewer = object | string
type Viewing = { conversationId: ConversationId; memberId: MemberId; typing: boolean }

/** The presence of one team. `changed` is called with each conversation in which something changed. */
export class Presence {
  readonly #viewing = new Map<Viewer, Viewing>()
  readonly #customers = new Map<ConversationId, NodeJS.Timeout>()
  readonly #changed: (id: ConversationId) => void

  constructor(changed: (id: ConversationId) => void) {
    this.#changed = changed
  }

  /** `viewer` (one connection) now looks at this conversation and no other. */
  view(viewer: Viewer, now: Viewing): void {
    const before = this.#viewing.get(viewer)
    if (before?.conversationId === now.conversationId && before.typing === now.typing) return
    this.#viewing.set(viewer, now)
    if (before && before.conversationId !== now.conversationId) this.#changed(before.conversationId)
    this.#changed(now.conversationId)
  }

  leave(viewer: Viewer): void {
    const before = this.#viewing.get(viewer)
    if (!before) return
    this.#viewing.delete(viewer)
    this.#changed(before.conversationId)
  }

  leaveAll(which: (viewer: Viewer) => boolean): void {
    for (const viewer of [...this.#viewing.keys()]) if (which(viewer)) this.leave(viewer)
  }

  /** Where the viewer looks. */
  of(viewer: Viewer): Viewing | undefined {
    return this.#viewing.get(viewer)
  }

  customer(id: ConversationId, typing: boolean): void {
    const before = this.#customers.get(id)
    clearTimeout(before)
    if (typing) {
      const end = setTimeout(() => this.customer(id, false), CUSTOMER_TYPING_MS)
      end.unref()
      this.#customers.set(id, end)
    } else this.#customers.delete(id)
    if ((before !== undefined) !== typing) this.#changed(id)
  }

  /** Conversations in which somebody is. */
  conversations(): Set<ConversationId> {
    return new Set([...this.#customers.keys(), ...[...this.#viewing.values()].map((one) => one.conversationId)])
  }

  /** What a member is told of a conversation: everybody but themself. */
  seenBy(memberId: MemberId, id: ConversationId): Seen {
    const viewers = new Map<MemberId, boolean>()
    for (const viewing of this.#viewing.values()) {
      if (viewing.conversationId !== id || viewing.memberId === memberId) continue
      viewers.set(viewing.memberId, viewing.typing || (viewers.get(viewing.memberId) ?? false))
    }
    return {
      viewers: [...viewers].map(([viewer, typing]) => ({ memberId: viewer, typing })),
      customerTyping: this.#customers.has(id),
    }
  }

  close(): void {
    for (const end of this.#customers.values()) clearTimeout(end)
    this.#customers.clear()
    this.#viewing.clear()
  }
}
