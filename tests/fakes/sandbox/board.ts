/** Everything the page shows, in one place; whoever listens is told of each change. */
import type { CallLine, Chat, DeliveryLine, Entry, News } from './view.ts'

/** How many of the last requests, and of the last webhooks, are shown. */
const LINES_MAX = 200

export class Board {
  readonly #chats = new Map<string, Chat>()
  readonly #entries = new Map<string, Entry>()
  readonly #calls: CallLine[] = []
  readonly #deliveries: DeliveryLine[] = []
  readonly #listeners = new Set<(news: News) => void>()

  /** @returns ends it */
  on(listener: (news: News) => void): () => void {
    this.#listeners.add(listener)
    return () => void this.#listeners.delete(listener)
  }

  tell(news: News): void {
    for (const listener of this.#listeners) listener(news)
  }

  chat(id: string): Chat | null {
    return this.#chats.get(id) ?? null
  }

  entry(id: string): Entry | null {
    return this.#entries.get(id) ?? null
  }

  /** Adds it, or puts it in the place of the one of that id. */
  putChat(chat: Chat): void {
    this.#chats.set(chat.id, chat)
    this.tell({ type: 'chat', chat })
  }

  /** Adds it at the end of its thread, or puts it in the place of the one of that id. */
  putEntry(entry: Entry): void {
    this.#entries.set(entry.id, entry)
    this.tell({ type: 'entry', entry })
  }

  /** @throws when there is none of that id */
  changeEntry(id: string, change: Partial<Entry>): void {
    const entry = this.#entries.get(id)
    if (!entry) throw new Error(`no entry ${id}`)
    this.putEntry({ ...entry, ...change })
  }

  addCall(call: CallLine): void {
    this.#calls.push(call)
    if (this.#calls.length > LINES_MAX) this.#calls.shift()
    this.tell({ type: 'call', call })
  }

  addDelivery(delivery: DeliveryLine): void {
    this.#deliveries.push(delivery)
    if (this.#deliveries.length > LINES_MAX) this.#deliveries.shift()
    this.tell({ type: 'delivery', delivery })
  }

  all() {
    return {
      chats: [...this.#chats.values()],
      entries: [...this.#entries.values()],
      calls: [...this.#calls],
      deliveries: [...this.#deliveries],
    }
  }
}
