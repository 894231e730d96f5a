// @ts-check
/**
 * What was written and is not yet at the hub. Each message is kept in the browser under its own key until the hub has
 * accepted it, so that closing the page or a second tab loses and doubles nothing.
 */

/** @typedef {import('./memory.js').Memory} Memory */
/** @typedef {import('../../../../domain/refusal.ts').Refusal} Refusal */
/**
 * @typedef {{ kind: 'text', text: string }
 *   | { kind: 'attachment', attachmentId: string, name: string, size: number, image: { width: number, height: number } | null }} Outgoing
 * @typedef {{ id: string, at: number, content: Outgoing, refusal: Refusal | null }} Waiting
 */

const PREFIX = 'out:'

export class Outbox {
  #memory
  /** @type {Map<string, Waiting>} */
  #items = new Map()

  /** @param {Memory} memory */
  constructor(memory) {
    this.#memory = memory
    const found = memory.names(PREFIX).flatMap((name) => {
      const item = parse(memory.get(name))
      return item ? [item] : []
    })
    for (const item of found.sort((a, b) => a.at - b.at)) this.#items.set(item.id, item)
  }

  /** In the order in which they were written. */
  get items() {
    return [...this.#items.values()]
  }

  /** The next one to send; those the hub refused wait for the customer to decide. */
  get next() {
    return this.items.find(({ refusal }) => refusal === null)
  }

  /** @param {Outgoing} content */
  add(content) {
    const newest = this.items.at(-1)?.at ?? 0
    /** @type {Waiting} */
    const item = { id: newId(), at: Math.max(Date.now(), newest + 1), content, refusal: null }
    this.#keep(item)
    return item
  }

  /**
   * @param {string} id
   * @param {Refusal} refusal
   */
  refuse(id, refusal) {
    const item = this.#items.get(id)
    if (item) this.#keep({ ...item, refusal })
  }

  /**
   * Puts a refused one at the end again, as a new message.
   * @param {string} id
   */
  retry(id) {
    const item = this.#items.get(id)
    if (!item) return
    this.remove(id)
    this.add(item.content)
  }

  /**
   * Whether there was one with this id.
   * @param {string} id
   */
  remove(id) {
    this.#memory.remove(PREFIX + id)
    return this.#items.delete(id)
  }

  /** @param {Waiting} item */
  #keep(item) {
    this.#items.set(item.id, item)
    this.#memory.set(PREFIX + item.id, JSON.stringify(item))
  }
}

/** A new message's id; `crypto.randomUUID` is missing on pages that are not served by https. */
export function newId() {
  if (typeof crypto.randomUUID === 'function') return crypto.randomUUID()
  const bytes = crypto.getRandomValues(new Uint8Array(16))
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')
}

/**
 * @param {string | null} text
 * @returns {Waiting | null}
 */
function parse(text) {
  try {
    const value = JSON.parse(text ?? 'null')
    const good =
      typeof value?.id === 'string' && typeof value.at === 'number' && typeof value.content?.kind === 'string'
    return good ? value : null
  } catch (error) {
    console.warn('countertop: a kept message could not be read', error)
    return null
  }
}
