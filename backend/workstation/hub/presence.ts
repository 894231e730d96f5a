/** Tells the hub which conversation the member looks at, not more often than it is worth (CNV-12). */
import type { ConversationId } from '../../domain/ids.ts'

export type OwnPresence = { conversationId: ConversationId | null; typing: boolean }
type Frame = OwnPresence & { type: 'presence' }

export class PresenceSender {
  readonly #every: number
  readonly #send: (frame: Frame) => void
  #current: OwnPresence = { conversationId: null, typing: false }
  #timer: NodeJS.Timeout | undefined
  #changed = false

  /** `every` in ms. */
  constructor(every: number, send: (frame: Frame) => void) {
    this.#every = every
    this.#send = send
  }

  /** The first change leaves at once, those that follow together. */
  set(update: OwnPresence): void {
    const { conversationId, typing } = this.#current
    if (update.conversationId === conversationId && update.typing === typing) return
    this.#current = update
    this.#changed = true
    if (!this.#timer) this.#flush()
  }

  /** A new connection knows nothing of us. */
  resend(): void {
    if (this.#current.conversationId === null) return
    this.#send({ type: 'presence', ...this.#current })
  }

  stop(): void {
    clearTimeout(this.#timer)
  }

  #flush(): void {
    this.#timer = undefined
    if (!this.#changed) return
    this.#changed = false
    this.#send({ type: 'presence', ...this.#current })
    this.#timer = setTimeout(() => this.#flush(), this.#every)
  }
}
