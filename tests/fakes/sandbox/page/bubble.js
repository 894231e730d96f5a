// @ts-check
/** One entry of a thread as a phone draws it. */
import { button, make } from './dom.js'
import { fill, words } from './words.js'

/** @typedef {import('./words.js').Language} Language */
/** @typedef {import('../view.ts').Entry} Entry */
/** @typedef {import('../view.ts').Chat} Chat */
/**
 * @typedef {{
 *   unsend: (entry: Entry) => void
 *   react: (entry: Entry, emoji: string) => void
 *   press: (entry: Entry, button: string) => void
 *   advance: (entry: Entry, to: 'delivered' | 'read') => void
 * }} Acts
 */

/**
 * @param {Entry} entry
 * @param {Chat} chat
 * @param {string | null} me who holds the phone
 * @param {Language} language
 * @param {Acts} acts
 */
export function drawEntry(entry, chat, me, language, acts) {
  const { content, by, at } = entry
  if (content.kind === 'event' || content.kind === 'passed') return drawLine(entry, chat, language)
  const isShop = by === 'shop'
  const isMine = typeof by !== 'string' && by.id === me
  const item = make('li', `entry ${isShop ? 'shop' : isMine ? 'mine' : 'theirs'} ${entry.state ?? ''}`)
  item.dataset['id'] = entry.id
  if (typeof by !== 'string' && !isMine) item.append(nameOf(by.name))
  const bubble = make('div', `bubble holds-${content.kind}`)
  bubble.append(...drawContent(entry, language, acts))
  item.append(bubble)
  if (entry.reaction) item.append(make('span', 'reaction', entry.reaction))
  const foot = make('p', 'foot')
  const time = make('time', '', new Intl.DateTimeFormat(language, { hour: '2-digit', minute: '2-digit' }).format(at))
  time.dateTime = new Date(at).toISOString()
  foot.append(time, ...drawFoot(entry, chat, isMine, language, acts))
  item.append(foot)
  if (entry.failure) item.append(make('p', 'why', entry.failure))
  return item
}

/** @param {string} name */
function nameOf(name) {
  const who = make('p', 'name', name)
  who.dir = 'auto'
  return who
}

/**
 * @param {Entry} entry
 * @param {Chat} chat
 * @param {Language} language
 */
function drawLine({ id, content, by }, chat, language) {
  const word = words[language]
  const name = typeof by === 'string' ? chat.name : by.name
  const item = make('li', `line-between ${content.kind}`)
  item.dataset['id'] = id
  if (content.kind === 'passed') item.append(make('span', '', fill(word.passed, { hours: content.hours })))
  if (content.kind === 'event') {
    const key = content.event === 'blocked' ? 'blockedEvent' : content.event
    item.append(make('span', '', fill(word[key], { name })))
  }
  return item
}

/**
 * @param {Entry} entry
 * @param {Chat} chat
 * @param {boolean} isMine
 * @param {Language} language
 * @param {Acts} acts
 * @returns {HTMLElement[]}
 */
function drawFoot(entry, chat, isMine, language, acts) {
  const word = words[language]
  const { state, content } = entry
  /** @type {HTMLElement[]} */
  const foot = []
  if (state) foot.push(make('span', `state ${state}`, word[state]))
  if (state === 'accepted' || state === 'sent') {
    foot.push(button(word.setDelivered, () => acts.advance(entry, 'delivered'), 'small'))
  }
  if (state === 'accepted' || state === 'sent' || state === 'delivered') {
    foot.push(button(word.setRead, () => acts.advance(entry, 'read'), 'small'))
  }
  if (chat.app === 'whatsapp' && entry.by === 'shop' && state !== 'failed') {
    const isLiked = entry.reaction !== null
    foot.push(button(isLiked ? word.unreact : word.react, () => acts.react(entry, isLiked ? '' : '👍'), 'small'))
  }
  if (isMine && chat.app !== 'whatsapp' && content.kind !== 'unsent') {
    foot.push(button(word.unsend, () => acts.unsend(entry), 'small'))
  }
  return foot
}

/**
 * @param {Entry} entry
 * @param {Language} language
 * @param {Acts} acts
 * @returns {HTMLElement[]}
 */
function drawContent(entry, language, acts) {
  const word = words[language]
  const { content, by } = entry
  const who = typeof by === 'string' ? word[by === 'shop' ? 'title' : 'other'] : by.name
  switch (content.kind) {
    case 'text':
      return [paragraph(content.text)]
    case 'image': {
      if (content.problem !== null) return [paragraph(fill(word.noPicture, { problem: content.problem }))]
      const caption = content.caption === '' ? [] : [paragraph(content.caption)]
      return [picture(content.src, fill(word.pictureOf, { name: who }), word.loading), ...caption]
    }
    case 'audio':
    case 'video': {
      const player = make(content.kind)
      player.controls = true
      player.preload = 'metadata'
      player.setAttribute('aria-label', content.kind === 'audio' ? word.playVoice : word.playVideo)
      if (content.src) player.src = content.src
      return [player]
    }
    case 'file': {
      const file = make('a', 'file', content.name)
      if (content.src) file.href = content.src
      file.download = content.name
      return [file]
    }
    case 'sticker': {
      if (content.src) return [picture(content.src, word.sticker, word.loading)]
      return [make('p', 'sticker', content.label === '' ? word.sticker : `${word.sticker}：${content.label}`)]
    }
    case 'location':
      return [make('p', 'place', `${word.mapMark}：${content.title}`), make('p', 'address', content.address)]
    case 'template': {
      const parts = [...(content.src ? [picture(content.src, fill(word.pictureOf, { name: who }), word.loading)] : [])]
      if (content.header) parts.push(make('p', 'header', content.header))
      parts.push(paragraph(content.text))
      if (content.footer) parts.push(make('p', 'footer', content.footer))
      for (const { id, text, isReply } of content.buttons) {
        const tap = button(text, () => acts.press(entry, id), 'tap')
        tap.disabled = !isReply
        parts.push(tap)
      }
      return parts
    }
    case 'unsent':
      return [make('p', 'gone', word.unsent)]
    case 'other':
      return [make('p', 'gone', fill(word.other, { what: content.what }))]
    case 'event':
    case 'passed':
      return []
  }
}

/** @param {string} text */
function paragraph(text) {
  const element = make('p', 'text', text)
  element.dir = 'auto'
  return element
}

/**
 * @param {string | null} src
 * @param {string} alt
 * @param {string} loading
 * @returns {HTMLElement}
 */
function picture(src, alt, loading) {
  if (src === null) return make('p', 'gone', loading)
  const image = make('img')
  image.src = src
  image.alt = alt
  return image
}
