// @ts-check
/** The customer's page: puts the thread, the composer, what waits and the connection together. */
import { createComposer, TEXT_MAX } from './composer.js'
import { Link } from './link.js'
import { openMemory } from './memory.js'
import { Outbox } from './outbox.js'
import { createParent } from './parent.js'
import { Thread } from './thread.js'
import { Uploads } from './upload.js'
import { fill, refusalText, words } from './words.js'

/** @typedef {import('./words.js').Language} Language */
/** @typedef {import('./words.js').Refusal} Refusal */
/** @typedef {import('./bubble.js').Shown} Shown */
/** @typedef {import('../frames.ts').PageAnswer} PageAnswer */

/**
 * @template {HTMLElement} T
 * @param {string} id
 * @param {new () => T} kind
 */
function part(id, kind) {
  const found = document.getElementById(id)
  if (!(found instanceof kind)) throw new Error(`the page has no #${id}`)
  return found
}

const { channel = '', team = '', known, embedded } = document.body.dataset
const memory = openMemory(channel)
const outbox = new Outbox(memory)
const parent = embedded === 'yes' ? createParent({ onOpen: (open) => (open ? shown() : undefined) }) : null
const banner = part('banner', HTMLElement)
const notice = part('notice', HTMLElement)
const stage = part('stage', HTMLElement)
const welcome = part('welcome', HTMLElement)
const older = part('older', HTMLButtonElement)
const newer = part('newer', HTMLButtonElement)
const scroller = part('scroller', HTMLElement)
const picture = part('picture', HTMLDialogElement)
const file = part('file', HTMLInputElement)

/** @type {Language} */
let language = firstLanguage()
/** @type {Extract<PageAnswer, { type: 'state' }>} */
let state = { type: 'state', stage: 'new', name: null }
let isKnown = known === 'yes'
let fresh = false
let strangers = 0
/**
 * The id of the message that is on its way; one at a time, so that they arrive in order.
 * @type {string | null}
 */
let underWay = null
let seenUpTo = Number(memory.get('seen') ?? 0)
let told = { got: 0, seen: 0 }
let loaded = !isKnown
/** Tells the conversation that is shown from one that was deleted before. */
let deletions = 0
/** @type {number | undefined} */
let pause = undefined
/** @type {number | undefined} */
let bannerTimer = undefined

const thread = new Thread(
  { scroller, log: part('log', HTMLElement), list: part('thread', HTMLElement), tail: part('waiting', HTMLElement) },
  {
    language,
    addressOf: (attachmentId) => `/chat/${channel}/attachments/${attachmentId}`,
    actions: {
      retry: (id) => void retry(id),
      edit,
      discard,
      enlarge,
    },
  },
)

const link = new Link({
  channel,
  had: () => (fresh ? { after: 0, deletions: 0 } : { after: thread.newest, deletions }),
  onAnswer: answered,
  onStanding(standing) {
    if (standing === 'up') {
      fresh = false
      strangers = 0
      told = { got: 0, seen: 0 }
      underWay = null
      showLost(false)
      sendNext()
      acknowledge()
    } else showLost(true)
  },
  onStranger: () => void becomeKnown(),
})

const uploads = new Uploads(channel, {
  onChange: showWaiting,
  onDone(content) {
    outbox.add(content)
    sendNext()
  },
  prepare: ensureKnown,
})

const composer = createComposer(
  {
    form: part('composer', HTMLFormElement),
    text: part('text', HTMLTextAreaElement),
    send: part('send', HTMLButtonElement),
    counter: part('counter', HTMLElement),
  },
  {
    memory,
    language: () => language,
    onSend(text) {
      outbox.add({ kind: 'text', text })
      showWaiting()
      thread.toEnd()
      void leave()
    },
    onTooLong: (length) =>
      tell({ code: 'text.tooLong', params: { length, max: TEXT_MAX }, whoCould: null, instead: 'shorten' }),
    onTyping: () => void link.send({ type: 'typing', on: true }),
    onEdit: () => tell(null),
  },
)

// --- what the hub says ---------------------------------------------------------------------------------------------

/** @param {PageAnswer} answer */
function answered(answer) {
  switch (answer.type) {
    case 'history':
      thread.replace(answer.messages)
      deletions = answer.deletions
      older.hidden = !answer.hasOlder
      loaded = true
      arrived()
      break
    case 'older':
      thread.add(answer.messages)
      older.hidden = !answer.hasOlder
      older.disabled = false
      break
    case 'messages':
      thread.add(answer.messages)
      arrived()
      break
    case 'accepted':
      // It stays on the screen until it comes back with its place in the thread.
      if (!answer.kept || thread.has(answer.id)) outbox.remove(answer.id)
      else accepted.add(answer.id)
      underWay = null
      sendNext()
      break
    case 'refused':
      underWay = null
      refused(answer.id, answer.refusal)
      break
    case 'state':
      state = answer
      showStage()
      break
    case 'pong':
    case 'error':
      break
  }
}

/**
 * Accepted, and not yet seen in the thread.
 * @type {Set<string>}
 */
const accepted = new Set()

function arrived() {
  for (const { id } of outbox.items) {
    if (!thread.has(id)) continue
    outbox.remove(id)
    accepted.delete(id)
    if (underWay === id) underWay = null
  }
  showWaiting()
  acknowledge()
  sendNext()
}

/**
 * @param {string} id
 * @param {Refusal} refusal
 */
function refused(id, refusal) {
  const seconds = refusal.params['seconds']
  if (refusal.code === 'request.tooMany' || refusal.code === 'internal.error') {
    const wait = typeof seconds === 'number' ? seconds : 5
    tell(refusal)
    window.clearTimeout(pause)
    pause = window.setTimeout(() => {
      pause = undefined
      tell(null)
      sendNext()
    }, wait * 1000)
    return
  }
  outbox.refuse(id, refusal)
  showWaiting()
  sendNext()
}

// --- what leaves ---------------------------------------------------------------------------------------------------

async function leave() {
  if (await ensureKnown()) sendNext()
  else window.setTimeout(() => void leave(), 3_000)
}

function sendNext() {
  if (underWay !== null || pause !== undefined || !link.isUp) return
  const item = outbox.items.find(({ id, refusal }) => refusal === null && !accepted.has(id))
  if (!item) return
  const { content } = item
  const sent = link.send({
    type: 'send',
    // The hub checks the ids; here they are plain texts.
    id: /** @type {import('../../../../domain/ids.ts').MessageId} */ (item.id),
    content:
      content.kind === 'text'
        ? content
        : {
            kind: 'attachment',
            attachmentId: /** @type {import('../../../../domain/ids.ts').AttachmentId} */ (content.attachmentId),
            image: content.image,
          },
  })
  if (sent) underWay = item.id
}

/** Whether the hub knows who this is; it is told the first time something is to be sent. */
async function ensureKnown() {
  if (isKnown) {
    link.open()
    return true
  }
  return becomeKnown()
}

/**
 * Asking twice at once would make two visitors of one.
 * @type {Promise<boolean> | null}
 */
let asking = null

function becomeKnown() {
  asking ??= askWhoThisIs().finally(() => {
    asking = null
  })
  return asking
}

async function askWhoThisIs() {
  if (strangers >= 2) {
    showBlocked()
    return false
  }
  try {
    const response = await fetch(`/chat/${channel}/visitor`, { method: 'POST', credentials: 'same-origin' })
    const answer = await response.json()
    if (!response.ok) {
      if (answer?.error) tell(answer.error)
      return false
    }
    strangers += 1
    isKnown = true
    fresh = answer.fresh === true
    link.open()
    return true
  } catch (error) {
    console.warn('countertop: the hub is out of reach', error)
    showLost(true)
    return false
  }
}

/** Tells the hub how far the messages have come, and the launcher how many are unread. */
function acknowledge() {
  const upTo = thread.newest
  if (upTo > told.got && link.send({ type: 'got', upTo })) told.got = upTo
  if (isVisible() && thread.isAtEnd) {
    if (upTo > told.seen && link.send({ type: 'seen', upTo })) told.seen = upTo
    if (upTo !== seenUpTo) {
      seenUpTo = upTo
      memory.set('seen', String(upTo))
    }
  }
  const unread = thread.messages.filter(({ ordinal, from }) => from.type !== 'you' && ordinal > seenUpTo).length
  document.title = unread > 0 ? `(${unread}) ${team}` : team
  parent?.setUnread(unread)
  newer.hidden = thread.isAtEnd
  newer.textContent = unread > 0 ? words[language].newer : words[language].toNewest
}

function isVisible() {
  return document.visibilityState === 'visible' && (parent === null || parent.isOpen)
}

/** The page came into sight. */
function shown() {
  thread.toEnd()
  acknowledge()
  if (window.matchMedia('(pointer: fine)').matches) composer.focus()
}

// --- what failed ---------------------------------------------------------------------------------------------------

/** @param {string} id */
async function retry(id) {
  if (await uploads.retry(id)) return
  outbox.retry(id)
  showWaiting()
  await leave()
}

/** @param {string} id */
function edit(id) {
  const item = outbox.items.find((one) => one.id === id)
  if (item?.content.kind !== 'text') return
  outbox.remove(id)
  showWaiting()
  composer.putBack(item.content.text)
}

/** @param {string} id */
function discard(id) {
  if (!uploads.discard(id)) outbox.remove(id)
  showWaiting()
}

// --- what is shown -------------------------------------------------------------------------------------------------

function showWaiting() {
  /** @type {Shown[]} */
  const waiting = outbox.items.map(({ id, at, content, refusal }) => ({
    id,
    mine: true,
    name: null,
    at,
    content:
      content.kind === 'text'
        ? content
        : {
            ...(content.image
              ? { kind: /** @type {const} */ ('image'), ...content.image }
              : { kind: /** @type {const} */ ('file') }),
            name: content.name,
            size: content.size,
            address: `/chat/${channel}/attachments/${content.attachmentId}`,
          },
    state: refusal ? 'failed' : 'sending',
    ...(refusal ? { refusal } : {}),
  }))
  for (const { id, at, file, preview, width, height, percent, refusal } of uploads.items) {
    const about = { name: file.name, size: file.size, address: preview }
    waiting.push({
      id,
      mine: true,
      name: null,
      at,
      content: preview ? { kind: 'image', width, height, ...about } : { kind: 'file', ...about, address: null },
      state: refusal ? 'failed' : 'uploading',
      percent,
      ...(refusal ? { refusal } : {}),
    })
  }
  thread.showWaiting(waiting)
  welcome.hidden = !loaded || !thread.isEmpty
}

/** @param {Refusal | null} refusal */
function tell(refusal) {
  notice.hidden = refusal === null
  notice.textContent = refusal ? refusalText(refusal, language) : ''
}

/** @param {boolean} lost */
function showLost(lost) {
  window.clearTimeout(bannerTimer)
  if (!lost) banner.hidden = true
  // A moment without a connection is not worth a word.
  else
    bannerTimer = window.setTimeout(() => {
      banner.textContent = words[language].lost
      banner.hidden = false
    }, 700)
}

/** The browser gives our cookie back to nobody here: the chat works in a window of its own. */
function showBlocked() {
  window.clearTimeout(bannerTimer)
  const away = document.createElement('a')
  away.href = `/chat/${channel}`
  away.target = '_blank'
  away.rel = 'noopener'
  away.textContent = words[language].openWindow
  banner.replaceChildren(words[language].cookies, ' ', away)
  banner.hidden = false
}

function showStage() {
  const word = words[language]
  const texts = {
    new: word.stageNew,
    waiting: state.name ? fill(word.stageAnsweredBy, { name: state.name }) : word.stageWaiting,
    answered: state.name ? fill(word.stageAnsweredBy, { name: state.name }) : word.stageAnswered,
    closed: word.stageClosed,
  }
  stage.textContent = texts[state.stage]
}

/**
 * @param {string} address
 * @param {string} name
 */
function enlarge(address, name) {
  const image = picture.querySelector('img')
  if (!image) return
  image.src = address
  image.alt = fill(words[language].picture, { name })
  picture.showModal()
}

function speak() {
  const word = words[language]
  document.documentElement.lang = language
  for (const element of document.querySelectorAll('[data-word]')) {
    if (!(element instanceof HTMLElement)) continue
    const text = Object.entries(word).find(([key]) => key === element.dataset['word'])?.[1]
    if (typeof text === 'string') element.textContent = text
  }
  const text = part('text', HTMLTextAreaElement)
  text.placeholder = word.placeholder
  const labels = {
    text: word.messageLabel,
    composer: word.composer,
    send: word.send,
    attach: word.attach,
    minimise: word.minimise,
    log: word.conversation,
    scroller: word.conversation,
    'picture-close': word.closePicture,
    picture: word.conversation,
  }
  for (const [id, label] of Object.entries(labels)) part(id, HTMLElement).setAttribute('aria-label', label)
  for (const id of ['send', 'attach', 'minimise']) part(id, HTMLElement).title = part(id, HTMLElement).ariaLabel ?? ''
  const button = part('language', HTMLButtonElement)
  button.textContent = word.language
  button.lang = language === 'en' ? 'zh-Hant-TW' : 'en'
  button.setAttribute('aria-label', word.languageLabel)
  older.textContent = word.older
  banner.hidden = true
  showStage()
  thread.speak(language)
  showWaiting()
  acknowledge()
  composer.show()
  tell(null)
  if (isKnown && !link.isUp) showLost(true)
}

/** @returns {Language} */
function firstLanguage() {
  const kept = memory.get('language') ?? document.documentElement.lang
  return kept === 'en' ? 'en' : 'zh-Hant-TW'
}

// --- the page ------------------------------------------------------------------------------------------------------

for (const face of document.querySelectorAll('.face.team')) face.textContent = [...team][0] ?? ''
part('language', HTMLButtonElement).addEventListener('click', () => {
  language = language === 'en' ? 'zh-Hant-TW' : 'en'
  memory.set('language', language)
  speak()
})
part('attach', HTMLButtonElement).addEventListener('click', () => file.click())
file.addEventListener('change', () => {
  void uploads.add([...(file.files ?? [])])
  file.value = ''
  thread.toEnd()
})
document.addEventListener('paste', (event) => {
  const files = [...(event.clipboardData?.files ?? [])]
  if (files.length === 0) return
  event.preventDefault()
  void uploads.add(files)
})
document.addEventListener('dragover', (event) => event.preventDefault())
document.addEventListener('drop', (event) => {
  event.preventDefault()
  void uploads.add([...(event.dataTransfer?.files ?? [])])
})
older.addEventListener('click', askOlder)
newer.addEventListener('click', () => thread.toEnd())
scroller.addEventListener('scroll', acknowledge, { passive: true })
new IntersectionObserver(
  (entries) => {
    if (entries.some(({ isIntersecting }) => isIntersecting)) askOlder()
  },
  { root: scroller },
).observe(older)
document.addEventListener('visibilitychange', acknowledge)
part('picture-close', HTMLButtonElement).addEventListener('click', () => picture.close())
picture.addEventListener('click', (event) => {
  if (event.target === picture) picture.close()
})
const minimise = part('minimise', HTMLButtonElement)
if (parent) {
  minimise.hidden = false
  minimise.addEventListener('click', () => parent.close())
  document.addEventListener('keydown', (event) => {
    if (event.key === 'Escape' && !picture.open && !event.isComposing) parent.close()
  })
}

function askOlder() {
  if (older.disabled || older.hidden) return
  if (link.send({ type: 'older', before: thread.oldest })) older.disabled = true
}

speak()
if (isKnown) link.open()
if (outbox.next) void leave()
if (!parent && window.matchMedia('(pointer: fine)').matches) composer.focus()
