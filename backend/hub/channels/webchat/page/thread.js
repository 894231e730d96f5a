// @ts-check
/**
 * The thread: messages by id, in the order of their ordinals, with day lines between; after them what waits to leave.
 * The place the reader is at never moves: it stays at the end when it was there, and where it was when it was not.
 */
import { drawBubble, make } from './bubble.js'
import { words } from './words.js'

/** @typedef {import('./words.js').Language} Language */
/** @typedef {import('./bubble.js').Shown} Shown */
/** @typedef {import('./bubble.js').Actions} Actions */
/** @typedef {import('../frames.ts').PublicMessage} PublicMessage */

/** Messages of one person within this time are drawn as a group, in ms. */
const GROUP_WITHIN = 3 * 60 * 1000
/** How near the end counts as being there, in pixels. */
const NEAR_END = 48

export class Thread {
  #scroller
  #log
  #list
  #tail
  #actions
  #addressOf
  /** @type {Language} */
  #language
  /** @type {Map<string, PublicMessage>} */
  #messages = new Map()
  /** @type {Map<string, HTMLElement>} */
  #drawn = new Map()
  /** @type {Shown[]} */
  #waiting = []

  /**
   * @param {{ scroller: HTMLElement, log: HTMLElement, list: HTMLElement, tail: HTMLElement }} parts
   * @param {{ actions: Actions, addressOf: (attachmentId: string) => string, language: Language }} options
   */
  constructor({ scroller, log, list, tail }, { actions, addressOf, language }) {
    this.#scroller = scroller
    this.#log = log
    this.#list = list
    this.#tail = tail
    this.#actions = actions
    this.#addressOf = addressOf
    this.#language = language
    new ResizeObserver(() => {
      if (this.#wasAtEnd) this.toEnd()
    }).observe(scroller)
    scroller.addEventListener('scroll', () => {
      this.#wasAtEnd = this.isAtEnd
    })
  }

  #wasAtEnd = true

  /** The messages from the hub, in order. */
  get messages() {
    return [...this.#messages.values()].sort((a, b) => a.ordinal - b.ordinal)
  }

  get newest() {
    return this.messages.at(-1)?.ordinal ?? 0
  }

  get oldest() {
    return this.messages[0]?.ordinal ?? 0
  }

  get isEmpty() {
    return this.#messages.size === 0 && this.#waiting.length === 0
  }

  get isAtEnd() {
    const { scrollHeight, scrollTop, clientHeight } = this.#scroller
    return scrollHeight - scrollTop - clientHeight < NEAR_END
  }

  toEnd() {
    this.#scroller.scrollTop = this.#scroller.scrollHeight
  }

  /** @param {string} id */
  has(id) {
    return this.#messages.has(id)
  }

  /**
   * Takes messages in; those it has already change nothing.
   * @param {PublicMessage[]} messages
   */
  add(messages) {
    const fresh = messages.filter(({ id }) => !this.#messages.has(id))
    for (const message of fresh) this.#messages.set(message.id, message)
    if (fresh.length > 0) this.#arrange()
  }

  /**
   * Forgets what it had: the hub says anew what there is.
   * @param {PublicMessage[]} messages
   */
  replace(messages) {
    // What is read out is what comes afterwards, not the whole history.
    this.#log.setAttribute('aria-live', 'off')
    this.#messages = new Map(messages.map((message) => [message.id, message]))
    this.#drawn.clear()
    this.#arrange()
    this.toEnd()
    window.setTimeout(() => this.#log.setAttribute('aria-live', 'polite'), 500)
  }

  /** @param {Shown[]} waiting */
  showWaiting(waiting) {
    this.#waiting = waiting.filter(({ id }) => !this.#messages.has(id))
    this.#arrange()
  }

  /** @param {Language} language */
  speak(language) {
    this.#language = language
    this.#drawn.clear()
    this.#arrange()
  }

  #arrange() {
    const atEnd = this.#wasAtEnd
    const before = this.#scroller.scrollHeight - this.#scroller.scrollTop
    const firstBefore = this.#list.querySelector('.message')
    /** @type {HTMLElement[]} */
    const wanted = []
    /** @type {PublicMessage | null} */
    let earlier = null
    for (const message of this.messages) {
      const newDay = !earlier || dayOf(earlier.at) !== dayOf(message.at)
      if (newDay) wanted.push(this.#dayLine(message.at))
      const element = this.#drawn.get(message.id) ?? drawBubble(this.#shown(message), this.#language, this.#actions)
      this.#drawn.set(message.id, element)
      const joined = !newDay && earlier !== null && sameVoice(earlier, message)
      element.classList.toggle('joined', joined)
      if (joined) wanted.at(-1)?.classList.add('goes-on')
      element.classList.remove('goes-on')
      wanted.push(element)
      earlier = message
    }
    place(this.#list, wanted)
    const last = this.#waiting.length === 0 ? wanted.at(-1) : undefined
    for (const element of wanted) element.classList.toggle('newest', element === last)
    this.#tail.replaceChildren(...this.#waiting.map((shown) => drawBubble(shown, this.#language, this.#actions)))
    if (atEnd) this.toEnd()
    else if (this.#list.querySelector('.message') !== firstBefore) {
      this.#scroller.scrollTop = this.#scroller.scrollHeight - before
    }
  }

  /**
   * @param {PublicMessage} message
   * @returns {Shown}
   */
  #shown({ id, from, content, at }) {
    const shown = content.kind === 'text' ? content : { ...content, address: this.#addressOf(content.attachmentId) }
    return {
      id,
      mine: from.type === 'you',
      name: from.type === 'member' ? from.name : null,
      content: shown,
      at,
      state: 'there',
    }
  }

  /** @param {number} at */
  #dayLine(at) {
    const key = `day ${dayOf(at)}`
    const known = this.#drawn.get(key)
    if (known) return known
    const line = make('li', 'day')
    line.append(make('span', '', dayText(at, this.#language)))
    this.#drawn.set(key, line)
    return line
  }
}

/**
 * Puts the elements into the list in this order, touching only what is not in place: what a screen reader has read
 * out stays, and pictures do not load again.
 * @param {HTMLElement} list
 * @param {HTMLElement[]} wanted
 */
function place(list, wanted) {
  const keep = new Set(wanted)
  for (const child of [...list.children]) {
    if (!(child instanceof HTMLElement) || !keep.has(child)) child.remove()
  }
  let next = list.firstElementChild
  for (const element of wanted) {
    if (element === next) next = next.nextElementSibling
    else list.insertBefore(element, next)
  }
}

/**
 * @param {PublicMessage} a
 * @param {PublicMessage} b
 */
function sameVoice(a, b) {
  return JSON.stringify(a.from) === JSON.stringify(b.from) && b.at - a.at < GROUP_WITHIN
}

/** @param {number} at */
function dayOf(at) {
  return new Date(at).toDateString()
}

/**
 * @param {number} at
 * @param {Language} language
 */
function dayText(at, language) {
  const now = new Date()
  const yesterday = new Date(now.getFullYear(), now.getMonth(), now.getDate() - 1)
  if (dayOf(at) === now.toDateString()) return words[language].today
  if (dayOf(at) === yesterday.toDateString()) return words[language].yesterday
  const year = new Date(at).getFullYear() === now.getFullYear() ? {} : { year: /** @type {const} */ ('numeric') }
  return new Intl.DateTimeFormat(language, { ...year, month: 'long', day: 'numeric', weekday: 'short' }).format(at)
}
