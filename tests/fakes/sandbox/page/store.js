// @ts-check
/** What there is to see, as the server tells it, and the way to do something. */

/** @typedef {import('../view.ts').Act} Act */
/** @typedef {import('../view.ts').All} All */
/** @typedef {import('../view.ts').Chat} Chat */
/** @typedef {import('../view.ts').Entry} Entry */
/** @typedef {import('../view.ts').News} News */

export class Store {
  /** @type {Map<string, Chat>} */
  chats = new Map()
  /** @type {Map<string, Entry>} */
  entries = new Map()
  /** @type {import('../view.ts').CallLine[]} */
  calls = []
  /** @type {import('../view.ts').DeliveryLine[]} */
  deliveries = []
  /** @type {import('../view.ts').Settings | null} */
  settings = null
  /** @type {All['failures']} */
  failures = { line: [], whatsapp: [] }
  isLive = false
  /** @type {Set<(news: News | { type: 'connection' }) => void>} */
  #listeners = new Set()

  /** @param {(news: News | { type: 'connection' }) => void} listener */
  on(listener) {
    this.#listeners.add(listener)
  }

  /** Begins to listen, and goes on when the server comes back. */
  open() {
    const source = new EventSource('/live')
    source.addEventListener('message', ({ data }) => {
      // Our own server's word; its form is that of view.ts.
      /** @type {News} */
      const news = JSON.parse(data)
      this.#take(news)
    })
    source.addEventListener('open', () => this.#connected(true))
    source.addEventListener('error', () => this.#connected(false))
  }

  /**
   * The entries of a chat, oldest first.
   * @param {string} chatId
   */
  thread(chatId) {
    return [...this.entries.values()].filter((entry) => entry.chatId === chatId)
  }

  /** @param {boolean} isLive */
  #connected(isLive) {
    this.isLive = isLive
    this.#tell({ type: 'connection' })
  }

  /** @param {News} news */
  #take(news) {
    switch (news.type) {
      case 'all':
        this.chats = new Map(news.chats.map((chat) => [chat.id, chat]))
        this.entries = new Map(news.entries.map((entry) => [entry.id, entry]))
        this.calls = news.calls
        this.deliveries = news.deliveries
        this.settings = news.settings
        this.failures = news.failures
        break
      case 'chat':
        this.chats.set(news.chat.id, news.chat)
        break
      case 'entry':
        this.entries.set(news.entry.id, news.entry)
        break
      case 'call':
        this.calls = [...this.calls, news.call].slice(-200)
        break
      case 'delivery':
        this.deliveries = [...this.deliveries, news.delivery].slice(-200)
        break
      case 'settings':
        this.settings = news.settings
        break
    }
    this.#tell(news)
  }

  /** @param {News | { type: 'connection' }} news */
  #tell(news) {
    for (const listener of this.#listeners) listener(news)
  }
}

/**
 * @param {Act} what
 * @returns {Promise<string | null>} the code of what refused it; null when it was done
 */
export function act(what) {
  return post('/acts', 'application/json', JSON.stringify(what))
}

/**
 * @param {string} chat
 * @param {string | undefined} as
 * @param {File} file
 */
export function sendFile(chat, as, file) {
  const query = new URLSearchParams({ chat, name: file.name, ...(as !== undefined && { as }) })
  return post(`/files?${query}`, file.type || 'application/octet-stream', file)
}

/** What was asked for last: the server gets one thing after the other, in the order in which they were done. */
let last = /** @type {Promise<unknown>} */ (Promise.resolve())

/**
 * @param {string} path
 * @param {string} type
 * @param {BodyInit} body
 * @returns {Promise<string | null>}
 */
function post(path, type, body) {
  const posted = last.then(() => postNow(path, type, body))
  last = posted
  return posted
}

/**
 * @param {string} path
 * @param {string} type
 * @param {BodyInit} body
 * @returns {Promise<string | null>}
 */
async function postNow(path, type, body) {
  try {
    const answer = await fetch(path, { method: 'POST', headers: { 'content-type': type }, body })
    if (answer.ok) return null
    /** @type {{ error?: string }} */
    const { error } = await answer.json()
    return error ?? 'unknown'
  } catch (error) {
    if (!(error instanceof Error)) throw error
    // Nobody answered, or not as our server does: the player is told, and can try again.
    return 'unknown'
  }
}
