// @ts-check
/** One drawn phone: whose it is, the thread as the app draws it, and what its owner can do. */
import { drawEntry } from './bubble.js'
import { button, choice, make } from './dom.js'
import { menu } from './menu.js'
import { act, sendFile } from './store.js'
import { fill, textOf, words } from './words.js'

/** @typedef {import('./store.js').Store} Store */
/** @typedef {import('./words.js').Language} Language */
/** @typedef {import('../view.ts').App} App */
/** @typedef {import('../view.ts').Act} Act */
/** @typedef {import('../view.ts').Chat} Chat */
/** @typedef {import('../view.ts').Entry} Entry */
/** @typedef {import('../view.ts').Step} Step */

const MARKS = { line: 'L', group: 'L', whatsapp: 'W' }
/** How near its end, in pixels, a thread is followed as it grows. */
const NEAR_END = 80

export class Phone {
  /** @type {App} */
  app
  element = make('section', 'phone')
  /** @type {Store} */
  #store
  /** @type {(code: string) => void} */
  #complain
  /** @type {Language} */
  #language = 'zh-Hant-TW'
  #chatId = ''
  #memberId = ''
  #top = make('div', 'choices')
  #controls = make('div', 'controls')
  #scroller = make('div', 'scroller')
  #thread = make('ol', 'thread')
  #empty = make('p', 'empty')
  #status = make('p', 'status')
  #composer = make('form', 'composer')
  #text = make('textarea')
  #file = make('input')

  /**
   * @param {App} app
   * @param {Store} store
   * @param {(code: string) => void} complain
   */
  constructor(app, store, complain) {
    this.app = app
    this.#store = store
    this.#complain = complain
    this.element.classList.add(app)
    this.element.id = `phone-${app}`
    const device = make('div', 'device')
    const bar = make('div', 'bar')
    const mark = make('span', 'mark', MARKS[app])
    mark.ariaHidden = 'true'
    bar.append(mark, make('span', 'shop-name', '好日子生活選物'))
    this.#scroller.tabIndex = 0
    this.#scroller.append(this.#empty, this.#thread)
    this.#thread.setAttribute('role', 'list')
    this.#scroller.setAttribute('role', 'log')
    this.#status.setAttribute('role', 'status')
    this.#text.rows = 1
    this.#text.dir = 'auto'
    this.#file.type = 'file'
    this.#file.hidden = true
    this.#file.tabIndex = -1
    this.#text.addEventListener('keydown', (event) => {
      // While an input method composes, Enter is its own.
      if (event.key !== 'Enter' || event.shiftKey || event.isComposing) return
      event.preventDefault()
      this.#composer.requestSubmit()
    })
    this.#composer.addEventListener('submit', (event) => {
      event.preventDefault()
      void this.#write()
    })
    this.#file.addEventListener('change', () => {
      const file = this.#file.files?.[0]
      this.#file.value = ''
      if (file) void this.#told(sendFile(this.#chatId, this.#as, file))
    })
    device.append(bar, this.#status, this.#scroller, this.#composer)
    this.element.append(this.#top, device, this.#controls)
  }

  /** @param {Language} language */
  speak(language) {
    this.#language = language
    const word = words[language]
    this.element.setAttribute('aria-label', word[this.app])
    this.#scroller.setAttribute('aria-label', `${word[this.app]} ${word.thread}`)
    this.#text.setAttribute('aria-label', `${word[this.app]} ${word.message}`)
    this.#text.placeholder = word.placeholder
    this.#empty.textContent = word.empty
    this.draw()
  }

  /** Draws all of it anew. */
  draw() {
    this.#choose()
    this.#drawTop()
    this.#drawStatus()
    this.#drawComposer()
    this.#drawControls()
    this.#drawThread()
  }

  /** Goes to the newest: what was not on the screen could not be scrolled. */
  shown() {
    this.#scroller.scrollTop = this.#scroller.scrollHeight
  }

  /** @param {import('../view.ts').News} news */
  take(news) {
    if (news.type === 'all') return this.draw()
    if (news.type === 'chat' && news.chat.app === this.app) {
      this.#drawTop()
      if (news.chat.id !== this.#chatId) return
      this.#drawStatus()
      this.#drawComposer()
      this.#drawControls()
    }
    if (news.type === 'entry' && news.entry.chatId === this.#chatId) this.#drawEntry(news.entry)
    if (news.type === 'settings') this.#drawControls()
  }

  get #chat() {
    return this.#store.chats.get(this.#chatId) ?? null
  }

  get #as() {
    return this.app === 'group' ? this.#memberId : undefined
  }

  get #chats() {
    return [...this.#store.chats.values()].filter(({ app }) => app === this.app)
  }

  /** Whoever was chosen, as long as they are there. */
  #choose() {
    if (!this.#chat) this.#chatId = this.#chats[0]?.id ?? ''
    const members = this.#chat?.members ?? []
    if (!members.some(({ id }) => id === this.#memberId)) this.#memberId = members[0]?.id ?? ''
  }

  #drawTop() {
    this.#choose()
    const word = words[this.#language]
    const chats = this.#chats
    const who = choice(
      this.app === 'group' ? word.whoGroup : word.whoLine,
      chats.map(({ id, name, about }) => [id, `${name} ${about}`]),
      this.#chatId,
      (id) => {
        this.#chatId = id
        this.draw()
      },
    )
    const groups = [true, false].map((isNamed) => {
      const group = make('optgroup')
      group.label = isNamed ? word.named : word.written
      const ids = new Set(chats.filter((chat) => chat.isNamed === isNamed).map(({ id }) => id))
      group.append(...[...who.select.options].filter(({ value }) => ids.has(value)))
      return group
    })
    who.select.append(...groups.filter((group) => group.childElementCount > 0))
    who.select.value = this.#chatId
    const parts = [who.whole]
    if (this.app === 'group') {
      const members = (this.#chat?.members ?? []).map(({ id, name }) => /** @type {[string, string]} */ ([id, name]))
      const as = choice(word.as, members, this.#memberId, (id) => {
        this.#memberId = id
        this.#drawThread()
      })
      parts.push(as.whole)
    }
    replaceKeepingFocus(this.#top, parts)
  }

  #drawStatus() {
    const word = words[this.#language]
    const chat = this.#chat
    this.#status.className = 'status'
    if (!chat) this.#status.textContent = ''
    else if (chat.relation !== 'with') {
      this.#status.textContent = word[chat.relation]
      this.#status.classList.add('warn')
    } else if (chat.app !== 'whatsapp') this.#status.textContent = chat.about
    else if (chat.windowUntil === null) this.#status.textContent = word.windowNever
    else if (chat.windowUntil <= Date.now()) {
      this.#status.textContent = word.windowClosed
      this.#status.classList.add('warn')
    } else {
      const when = new Intl.DateTimeFormat(this.#language, { dateStyle: 'short', timeStyle: 'short' })
      this.#status.textContent = fill(word.windowOpen, { time: when.format(chat.windowUntil) })
    }
  }

  #drawComposer() {
    const word = words[this.#language]
    /** @type {import('../view.ts').Sample[]} */
    const samples = ['picture', 'document', 'voice', 'sticker', 'location']
    if (this.app === 'whatsapp') samples.push('contact')
    const send = make('button', 'send', word.send)
    send.type = 'submit'
    const more = menu(word.more, [
      ...samples.map((what) => /** @type {[string, () => void]} */ ([word[what], () => this.#sample(what)])),
      [word.ownFile, () => this.#file.click()],
    ])
    if (!this.#text.isConnected) this.#composer.append(more, this.#file, this.#text, send)
    else {
      const [oldMore, , , oldSend] = this.#composer.children
      if (oldMore?.contains(document.activeElement)) return
      oldMore?.replaceWith(more)
      oldSend?.replaceWith(send)
    }
  }

  #drawControls() {
    const word = words[this.#language]
    const chat = this.#chat
    const settings = this.#store.settings
    /** @type {HTMLElement[]} */
    const parts = []
    if (chat && chat.app !== 'group') {
      if (chat.relation === 'with') parts.push(this.#does(word.block, { do: 'block', chat: chat.id }))
      else {
        const text = chat.relation === 'stranger' ? word.follow : word.unblock
        parts.push(this.#does(text, { do: 'follow', chat: chat.id }))
      }
    }
    if (chat?.app === 'group') {
      parts.push(
        chat.relation === 'out'
          ? this.#does(word.join, { do: 'join', chat: chat.id })
          : this.#does(word.leave, { do: 'leave', chat: chat.id }),
      )
      for (const { id, name, isIn } of chat.members) {
        parts.push(
          isIn
            ? this.#does(fill(word.memberLeave, { name }), { do: 'memberLeave', chat: chat.id, as: id })
            : this.#does(fill(word.memberJoin, { name }), { do: 'memberJoin', chat: chat.id, as: id }),
        )
      }
    }
    if (chat?.app === 'whatsapp') {
      parts.push(this.#does(word.passTime, { do: 'passTime', chat: chat.id, hours: 24 }))
      if (settings) {
        /** @type {Step[]} */
        const steps = ['accepted', 'sent', 'delivered', 'read']
        const options = steps.map((step) => /** @type {[string, string]} */ ([step, word[step]]))
        const automatic = choice(word.automatic, options, settings.automatic, (to) => {
          const step = steps.find((one) => one === to)
          if (step) void this.#told(act({ do: 'automatic', to: step }))
        })
        parts.push(automatic.whole)
      }
    }
    if (settings) {
      const platform = this.app === 'whatsapp' ? 'whatsapp' : 'line'
      const failures = this.#store.failures[platform].map(
        (code) => /** @type {[string, string]} */ ([code, textOf(word.failures, code)]),
      )
      const next = choice(word.next, [['', word.nextFine], ...failures], settings.next[platform] ?? '', (failure) => {
        void this.#told(act({ do: 'failNext', platform, failure: failure || null }))
      })
      next.whole.classList.toggle('set', settings.next[platform] !== null)
      parts.push(next.whole)
    }
    replaceKeepingFocus(this.#controls, parts)
  }

  #drawThread() {
    const chat = this.#chat
    const entries = chat ? this.#store.thread(chat.id) : []
    this.#thread.replaceChildren(...entries.flatMap((entry) => this.#drawn(entry) ?? []))
    this.#empty.hidden = entries.length > 0
    this.shown()
    for (const image of this.#thread.querySelectorAll('img')) {
      image.addEventListener('load', () => this.shown(), { once: true })
    }
  }

  /** @param {Entry} entry */
  #drawEntry(entry) {
    const drawn = this.#drawn(entry)
    if (!drawn) return
    const { scrollTop, scrollHeight, clientHeight } = this.#scroller
    const isAtEnd = scrollHeight - scrollTop - clientHeight < NEAR_END
    const before = [...this.#thread.children].find(
      (one) => one instanceof HTMLElement && one.dataset['id'] === entry.id,
    )
    const hadFocus = before?.contains(document.activeElement) ?? false
    if (before) before.replaceWith(drawn)
    else this.#thread.append(drawn)
    if (hadFocus) (drawn.querySelector('button') ?? this.#text).focus()
    this.#empty.hidden = true
    if (!isAtEnd) return
    this.shown()
    for (const image of drawn.querySelectorAll('img')) {
      image.addEventListener('load', () => this.shown(), { once: true })
    }
  }

  /** @param {Entry} entry */
  #drawn(entry) {
    const chat = this.#chat
    if (!chat) return null
    const me = this.app === 'group' ? this.#memberId : chat.id
    return drawEntry(entry, chat, me, this.#language, {
      unsend: ({ id }) => void this.#told(act({ do: 'unsend', chat: chat.id, entry: id })),
      react: ({ id }, emoji) => void this.#told(act({ do: 'react', chat: chat.id, entry: id, emoji })),
      press: ({ id }, tap) => void this.#told(act({ do: 'press', chat: chat.id, entry: id, button: tap })),
      advance: ({ id }, to) => void this.#told(act({ do: 'advance', chat: chat.id, entry: id, to })),
    })
  }

  async #write() {
    const text = this.#text.value
    if (text.trim() === '') return
    const as = this.#as
    const isDone = await this.#told(act({ do: 'write', chat: this.#chatId, ...(as !== undefined && { as }), text }))
    // What was typed meanwhile stays.
    if (isDone && this.#text.value === text) this.#text.value = ''
  }

  /** @param {import('../view.ts').Sample} what */
  #sample(what) {
    const as = this.#as
    void this.#told(act({ do: 'sample', chat: this.#chatId, ...(as !== undefined && { as }), what }))
  }

  /**
   * @param {string} text
   * @param {Act} what
   */
  #does(text, what) {
    return button(text, () => void this.#told(act(what)))
  }

  /** @param {Promise<string | null>} doing */
  async #told(doing) {
    const code = await doing
    if (code !== null) this.#complain(code)
    return code === null
  }
}

/**
 * Puts others in the place of an element's children; whichever had the keyboard, the one in its place has it then.
 * @param {HTMLElement} parent
 * @param {HTMLElement[]} children
 */
function replaceKeepingFocus(parent, children) {
  const at = [...parent.children].findIndex((child) => child.contains(document.activeElement))
  parent.replaceChildren(...children)
  const again = at < 0 ? undefined : parent.children[Math.min(at, parent.children.length - 1)]
  const control = again?.matches('button') ? again : again?.querySelector('select, button')
  if (control instanceof HTMLElement) control.focus()
}
