/** What customers see of an account: each of its messages that reached a chat, in order, which is the proof of what arrived. */
import type { OutgoingMessage } from './message-schemas.ts'

export type ShownMessage = {
  id: string
  /** The user, group or room it was shown in. */
  chatId: string
  /** ms, by the fake's clock. */
  at: number
  via: 'reply' | 'push' | 'multicast' | 'pnp'
  retryKey: string | null
  quoteToken: string | null
  notificationDisabled: boolean
  message: OutgoingMessage
}

export class Shown {
  readonly #byChat = new Map<string, ShownMessage[]>()
  readonly #listeners = new Set<(shown: ShownMessage) => void>()

  inChat(chatId: string): readonly ShownMessage[] {
    return this.#byChat.get(chatId) ?? []
  }

  all(): ShownMessage[] {
    return [...this.#byChat.values()].flat()
  }

  add(message: ShownMessage): void {
    const chat = this.#byChat.get(message.chatId)
    if (chat) chat.push(message)
    else this.#byChat.set(message.chatId, [message])
    for (const listener of this.#listeners) listener(message)
  }

  /** @returns ends it */
  on(listener: (shown: ShownMessage) => void): () => void {
    this.#listeners.add(listener)
    return () => void this.#listeners.delete(listener)
  }
}
