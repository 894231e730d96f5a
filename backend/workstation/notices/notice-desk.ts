/** Tells the windows of what others did, once each; what one colleague hands over at one go is one notice (COL-11). */
import type { MemberId } from '../../domain/ids.ts'
import type { Member } from '../../domain/rows.ts'
import type { Moment } from '../../domain/team/team.ts'
import type { Notice } from '../views.ts'
import { toldOf } from './derive.ts'
import type { Received } from './derive.ts'
import type { Happened } from './happened.ts'

/** So long after the last conversation that a colleague handed over no more are expected, in ms. */
const TOGETHER = 1_000

export type NoticeParts = {
  me: () => Member
  /** Null while the team is not known. */
  moment: () => Moment | null
  tell: (notice: Notice) => void
}

export class NoticeDesk {
  readonly #parts: NoticeParts
  readonly #received = new Map<MemberId, { all: Received[]; timer: NodeJS.Timeout }>()

  constructor(parts: NoticeParts) {
    this.#parts = parts
  }

  /** Takes what a patch changed. */
  take(happened: readonly Happened[]): void {
    const moment = happened.length > 0 ? this.#parts.moment() : null
    if (moment === null) return
    const { notices, received } = toldOf(happened, this.#parts.me(), moment)
    for (const notice of notices) this.#parts.tell(notice)
    for (const one of received) this.#gather(one)
  }

  /** Forgets what has not been told. */
  close(): void {
    for (const { timer } of this.#received.values()) clearTimeout(timer)
    this.#received.clear()
  }

  #gather(one: Received): void {
    const { by } = one
    const gathered = this.#received.get(by)
    clearTimeout(gathered?.timer)
    const timer = setTimeout(() => this.#hand(by), TOGETHER)
    timer.unref()
    const others = gathered?.all.filter(({ conversationId }) => conversationId !== one.conversationId) ?? []
    this.#received.set(by, { all: [...others, one], timer })
  }

  #hand(by: MemberId): void {
    const all = this.#received.get(by)?.all ?? []
    this.#received.delete(by)
    const [first] = all
    if (!first) return
    const conversationIds = all.map(({ conversationId }) => conversationId)
    const { contactName } = first
    this.#parts.tell({
      kind: 'transferred',
      id: `${by} ${conversationIds.join(' ')}`,
      by,
      conversationIds,
      contactName: all.length === 1 ? contactName : null,
    })
  }
}
