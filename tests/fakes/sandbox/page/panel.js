// @ts-check
/** What went over the wire: the calls the fakes got, valid or not, and the webhooks they posted. Newest first. */
import { make } from './dom.js'
import { fill, words } from './words.js'

/** @typedef {import('./store.js').Store} Store */
/** @typedef {import('./words.js').Language} Language */
/** @typedef {import('../view.ts').CallLine} CallLine */
/** @typedef {import('../view.ts').DeliveryLine} DeliveryLine */

const NAMES = { line: 'LINE', whatsapp: 'WhatsApp', sms: 'SMS' }

export class Panel {
  element = make('section', 'panel')
  /** @type {Store} */
  #store
  /** @type {Language} */
  #language = 'zh-Hant-TW'
  #callsTitle = make('h2')
  #calls = make('ol', 'lines')
  #hooksTitle = make('h2')
  #hooks = make('ol', 'lines')

  /** @param {Store} store */
  constructor(store) {
    this.#store = store
    this.element.id = 'phone-panel'
    for (const list of [this.#calls, this.#hooks]) list.tabIndex = 0
    this.element.append(this.#callsTitle, this.#calls, this.#hooksTitle, this.#hooks)
  }

  /** @param {Language} language */
  speak(language) {
    this.#language = language
    const word = words[language]
    this.element.setAttribute('aria-label', word.panel)
    this.#callsTitle.textContent = word.calls
    this.#calls.setAttribute('aria-label', word.calls)
    this.#hooksTitle.textContent = word.webhooks
    this.#hooks.setAttribute('aria-label', word.webhooks)
    this.draw()
  }

  draw() {
    const { calls, deliveries } = this.#store
    this.#calls.replaceChildren(...calls.map((call) => this.#call(call)).reverse())
    this.#hooks.replaceChildren(...deliveries.map((one) => this.#delivery(one)).reverse())
    this.#sayWhetherEmpty()
  }

  /** @param {import('../view.ts').News} news */
  take(news) {
    if (news.type === 'all') return this.draw()
    if (news.type === 'call') add(this.#calls, this.#call(news.call))
    if (news.type === 'delivery') add(this.#hooks, this.#delivery(news.delivery))
    this.#sayWhetherEmpty()
  }

  #sayWhetherEmpty() {
    const word = words[this.#language]
    this.#calls.dataset['empty'] = this.#store.calls.length === 0 ? word.callsNone : ''
    this.#hooks.dataset['empty'] = this.#store.deliveries.length === 0 ? word.webhooksNone : ''
  }

  /** @param {CallLine} call */
  #call({ platform, at, method, path, status, problems, fault }) {
    const word = words[this.#language]
    const isValid = problems.length === 0
    const item = make('li', isValid ? 'valid' : 'invalid')
    item.append(
      make('span', `verdict ${isValid ? 'good' : 'bad'}`, isValid ? `✓ ${word.valid}` : `✗ ${word.invalid}`),
      make('span', 'platform', NAMES[platform]),
      make('span', 'answer', status === null ? word.noAnswer : String(status)),
      this.#time(at),
      make('code', '', `${method} ${path}`),
    )
    if (fault !== null) item.append(make('span', 'fault', fill(word.fault, { fault })))
    for (const problem of problems) item.append(make('span', 'problem', problem))
    return item
  }

  /** @param {DeliveryLine} delivery */
  #delivery({ platform, at, status, failure, attempt, what }) {
    const word = words[this.#language]
    const isTaken = status !== null && status < 300
    const item = make('li', isTaken ? 'valid' : 'invalid')
    item.append(
      make('span', `verdict ${isTaken ? 'good' : 'bad'}`, isTaken ? `✓ ${status}` : `✗ ${status ?? word.noAnswer}`),
      make('span', 'platform', NAMES[platform]),
      make('span', 'answer', attempt > 1 ? fill(word.attempt, { n: attempt }) : ''),
      this.#time(at),
      make('code', '', what.join(', ')),
    )
    if (failure !== null) item.append(make('span', 'problem', failure))
    return item
  }

  /** @param {number} at */
  #time(at) {
    const time = make('time', '', new Intl.DateTimeFormat(this.#language, { timeStyle: 'medium' }).format(at))
    time.dateTime = new Date(at).toISOString()
    return time
  }
}

/**
 * @param {HTMLOListElement} list
 * @param {HTMLLIElement} item
 */
function add(list, item) {
  list.prepend(item)
  if (list.childElementCount > 200) list.lastElementChild?.remove()
}
