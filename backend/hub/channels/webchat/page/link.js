// @ts-check
/** The connection to the hub: comes back by itself, says hello each time, and tells whether it stands. */

/** @typedef {import('../frames.ts').PageFrame} PageFrame */
/** @typedef {import('../frames.ts').PageAnswer} PageAnswer */
/**
 * @typedef {{
 *   channel: string
 *   had: () => { after: number, deletions: number }
 *   onAnswer: (answer: PageAnswer) => void
 *   onStanding: (standing: 'up' | 'down') => void
 *   onStranger: () => void
 * }} LinkOptions
 */

const PING_EVERY = 20_000
/** A silent socket is given up after this long, in ms. */
const SILENCE_MAX = 45_000
const WAIT_FIRST = 500
const WAIT_MAX = 15_000

export class Link {
  #options
  /** @type {WebSocket | null} */
  #socket = null
  #wanted = false
  #failures = 0
  #heard = 0
  /** @type {number | undefined} */
  #timer = undefined

  /** @param {LinkOptions} options */
  constructor(options) {
    this.#options = options
    window.addEventListener('online', () => this.#hurry())
    window.addEventListener('offline', () => this.#drop())
    document.addEventListener('visibilitychange', () => {
      if (document.visibilityState === 'visible') this.#hurry()
    })
    window.setInterval(() => this.#watch(), PING_EVERY)
  }

  get isUp() {
    return this.#socket?.readyState === WebSocket.OPEN
  }

  /** Connects, and from now on stays connected. */
  open() {
    this.#wanted = true
    if (!this.#socket) this.#connect()
  }

  /** Closes and does not come back until it is opened again. */
  close() {
    this.#wanted = false
    window.clearTimeout(this.#timer)
    this.#drop()
  }

  /**
   * Whether the frame left; when it did not, the connection is down.
   * @param {PageFrame} frame
   */
  send(frame) {
    if (!this.#socket || !this.isUp) return false
    this.#socket.send(JSON.stringify(frame))
    return true
  }

  #connect() {
    window.clearTimeout(this.#timer)
    const address = new URL('/chat/socket', window.location.href)
    address.protocol = address.protocol === 'https:' ? 'wss:' : 'ws:'
    address.searchParams.set('channel', this.#options.channel)
    const socket = new WebSocket(address)
    this.#socket = socket
    this.#heard = Date.now()
    let stranger = false
    socket.addEventListener('open', () => this.send({ type: 'hello', ...this.#options.had() }))
    socket.addEventListener('message', ({ data }) => {
      if (this.#socket !== socket) return
      this.#heard = Date.now()
      const answer = parse(data)
      if (!answer) return
      if (answer.type === 'error') {
        stranger = answer.error.code === 'request.unauthorised'
        return
      }
      // The hub has answered hello: only now is the connection of use.
      if (answer.type === 'state' || answer.type === 'history') this.#up()
      this.#options.onAnswer(answer)
    })
    socket.addEventListener('close', () => {
      if (this.#socket !== socket) return
      this.#socket = null
      this.#options.onStanding('down')
      if (stranger) {
        this.#wanted = false
        this.#options.onStranger()
      } else this.#again()
    })
  }

  #up() {
    this.#failures = 0
    this.#options.onStanding('up')
  }

  #again() {
    if (!this.#wanted) return
    const wait = Math.min(WAIT_MAX, WAIT_FIRST * 2 ** this.#failures) * (0.75 + Math.random() / 2)
    this.#failures += 1
    window.clearTimeout(this.#timer)
    this.#timer = window.setTimeout(() => this.#connect(), wait)
  }

  #hurry() {
    if (!this.#wanted) return
    this.#failures = 0
    if (!this.#socket) this.#connect()
    else this.#watch()
  }

  #watch() {
    if (!this.#socket || !this.isUp) return
    if (Date.now() - this.#heard > SILENCE_MAX) this.#drop()
    else this.send({ type: 'ping' })
  }

  /** A socket whose network went does not say so for minutes: it is let go at once. */
  #drop() {
    const socket = this.#socket
    if (!socket) return
    this.#socket = null
    socket.close()
    this.#options.onStanding('down')
    this.#again()
  }
}

/**
 * @param {unknown} data
 * @returns {PageAnswer | null}
 */
function parse(data) {
  try {
    return JSON.parse(String(data))
  } catch (error) {
    console.warn('countertop: an answer could not be read', error)
    return null
  }
}
