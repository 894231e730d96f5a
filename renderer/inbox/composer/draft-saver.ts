/**
 * Keeps what is typed in the composers, conversation by conversation: at once in memory, a moment later through the
 * backend. What could not be saved stays in memory and is tried again until it is; nothing typed is lost.
 */
import { shallowReactive } from 'vue'
import type { ConversationId } from '../../../backend/domain/ids.ts'
import type { Draft } from '../../../backend/workstation/views.ts'

export const EMPTY_DRAFT: Draft = { mode: 'reply', reply: '', note: '', attachmentIds: [] }

/** Milliseconds without a key before a draft is saved. */
const SAVE_AFTER = 300
/** Milliseconds between attempts when saving fails: doubled up to the last. */
const RETRY_FIRST = 1_000
const RETRY_LAST = 15_000

/** Saves one draft; rejects when it could not. `leaving` is set when the page is about to go. */
export type SaveDraft = (id: ConversationId, draft: Draft, leaving: boolean) => Promise<void>

type Entry = {
  draft: Draft
  timer: ReturnType<typeof setTimeout> | null
  saving: boolean
  saved: Draft | null
  failures: number
}

export class DraftSaver {
  readonly #save: SaveDraft
  readonly #entries = new Map<ConversationId, Entry>()
  #stopped = false
  /** Conversations whose draft is only in memory because saving failed; reactive. */
  readonly unsaved: Map<ConversationId, unknown> = shallowReactive(new Map<ConversationId, unknown>())

  constructor(save: SaveDraft) {
    this.#save = save
  }

  /** What was typed here since the page began, newer than what the backend has told; undefined when nothing was. */
  typed(id: ConversationId): Draft | undefined {
    return this.#entries.get(id)?.draft
  }

  /** Takes what the composer holds now. */
  edit(id: ConversationId, draft: Draft): void {
    const entry = this.#entries.get(id) ?? { draft, timer: null, saving: false, saved: null, failures: 0 }
    entry.draft = draft
    this.#entries.set(id, entry)
    this.#schedule(id, entry, SAVE_AFTER)
  }

  /** Saves now what waits: on leaving a field, a conversation or the page. Never rejects; failures are in `unsaved`. */
  async flush(id?: ConversationId, leaving = false): Promise<void> {
    const ids = id === undefined ? [...this.#entries.keys()] : [id]
    await Promise.all(ids.map((one) => this.#saveNow(one, leaving)))
  }

  /** Forgets everything: another member is here. */
  stop(): void {
    for (const { timer } of this.#entries.values()) if (timer !== null) clearTimeout(timer)
    this.#entries.clear()
    this.unsaved.clear()
    this.#stopped = true
  }

  #schedule(id: ConversationId, entry: Entry, after: number): void {
    if (this.#stopped) return
    if (entry.timer !== null) clearTimeout(entry.timer)
    entry.timer = setTimeout(() => {
      entry.timer = null
      void this.#saveNow(id, false)
    }, after)
  }

  async #saveNow(id: ConversationId, leaving: boolean): Promise<void> {
    const entry = this.#entries.get(id)
    if (!entry || entry.draft === entry.saved) return
    if (entry.timer !== null) clearTimeout(entry.timer)
    entry.timer = null
    // One at a time, so that an older text never lands on a newer one; leaving cannot wait for that.
    if (entry.saving && !leaving) return
    const draft = entry.draft
    entry.saving = true
    try {
      await this.#save(id, draft, leaving)
      entry.saved = draft
      entry.failures = 0
      this.unsaved.delete(id)
      if (entry.draft !== draft) this.#schedule(id, entry, 0)
    } catch (error) {
      if (this.#stopped) return
      this.unsaved.set(id, error)
      const wait = Math.min(RETRY_LAST, RETRY_FIRST * 2 ** entry.failures)
      entry.failures += 1
      this.#schedule(id, entry, wait)
    } finally {
      entry.saving = false
    }
  }
}
