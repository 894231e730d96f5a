/**
 * Why the hub refused what it refused lately, by the numbers of the queue: whoever asks what became of a command is told
 * even when its item had to go, because the conversation was deleted meanwhile (DEL-7). A refusal has nobody's words in it,
 * and is kept in memory alone.
 */
import type { Refusal } from '../../domain/refusal.ts'
import type { Reader } from './connection.ts'

/** More than a few batches. */
const MOST = 400

export class RecentRefusals {
  readonly #byId = new Map<number, Refusal>()

  /** Takes note of what the hub says; to be called before the queue is changed by it. */
  note(reader: Reader, results: readonly { seq: number; refusal: Refusal }[]): void {
    for (const { seq, refusal } of results) {
      const item = reader.get<{ id: number }>("SELECT id FROM queue WHERE seq = ? AND state = 'waiting'", seq)
      if (item) this.#byId.set(item.id, refusal)
    }
    for (const id of this.#byId.keys()) {
      if (this.#byId.size <= MOST) return
      this.#byId.delete(id)
    }
  }

  of(queueId: number): Refusal | null {
    return this.#byId.get(queueId) ?? null
  }
}
