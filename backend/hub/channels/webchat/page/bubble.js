// @ts-check
/** One message as it is drawn. All that people wrote goes in as text, never as markup. */
import { pieces } from './links.js'
import { fill, refusalText, sizeText, words } from './words.js'

/** @typedef {import('./words.js').Language} Language */
/** @typedef {import('../frames.ts').PublicMessage} PublicMessage */
/** @typedef {import('../../../../domain/refusal.ts').Refusal} Refusal */
/**
 * @typedef {{
 *   id: string
 *   mine: boolean
 *   name: string | null
 *   content: { kind: 'text', text: string }
 *     | { kind: 'image', name: string, size: number, width: number, height: number, address: string | null }
 *     | { kind: 'file', name: string, size: number, address: string | null }
 *   at: number
 *   state: 'there' | 'sending' | 'uploading' | 'failed'
 *   percent?: number
 *   refusal?: Refusal
 * }} Shown
 * @typedef {{ retry: (id: string) => void, edit: (id: string) => void, discard: (id: string) => void, enlarge: (address: string, name: string) => void }} Actions
 */

/**
 * @template {keyof HTMLElementTagNameMap} T
 * @param {T} tag
 * @param {string} className
 * @param {string} [text]
 */
export function make(tag, className, text) {
  const element = document.createElement(tag)
  element.className = className
  if (text !== undefined) element.textContent = text
  return element
}

/**
 * @param {Shown} shown
 * @param {Language} language
 * @param {Actions} actions
 */
export function drawBubble(shown, language, actions) {
  const word = words[language]
  const item = make('li', `message ${shown.mine ? 'mine' : 'theirs'} ${shown.state}`)
  item.dataset['id'] = shown.id
  const who = make('p', 'name', shown.mine ? word.you : (shown.name ?? ''))
  who.dir = 'auto'
  const bubble = make('div', `bubble holds-${shown.content.kind}`)
  bubble.append(contentOf(shown, language, actions))
  const foot = make('p', 'foot')
  item.append(who, bubble, foot)
  if (shown.state === 'uploading') foot.textContent = fill(word.uploading, { percent: shown.percent ?? 0 })
  else if (shown.state === 'failed') drawFailure(foot, shown, language, actions)
  else drawTime(foot, shown, language)
  return item
}

/**
 * @param {Shown} shown
 * @param {Language} language
 * @param {Actions} actions
 */
function contentOf({ content }, language, actions) {
  const word = words[language]
  if (content.kind === 'text') {
    const text = make('p', 'text')
    text.dir = 'auto'
    for (const piece of pieces(content.text)) text.append(piece.href === null ? piece.text : link(piece.href))
    return text
  }
  if (content.kind === 'image') {
    const { address, name } = content
    const image = make('img', '')
    image.width = content.width
    image.height = content.height
    image.alt = fill(word.picture, { name })
    image.decoding = 'async'
    if (address) image.src = address
    const button = make('button', 'picture')
    button.type = 'button'
    button.style.aspectRatio = `${content.width} / ${content.height}`
    button.setAttribute('aria-label', fill(word.openPicture, { name }))
    button.append(image)
    if (address) button.addEventListener('click', () => actions.enlarge(address, name))
    return button
  }
  const file = content.address ? make('a', 'file') : make('div', 'file')
  if (file instanceof HTMLAnchorElement && content.address) {
    file.href = content.address
    file.download = content.name
    file.setAttribute('aria-label', `${fill(word.download, { name: content.name })} (${sizeText(content.size)})`)
  }
  const name = make('span', 'file-name', content.name)
  name.dir = 'auto'
  file.append(
    make('span', 'file-mark', extensionOf(content.name)),
    name,
    make('span', 'file-size', sizeText(content.size)),
  )
  return file
}

/** @param {string} href */
function link(href) {
  const anchor = make('a', 'link', href)
  anchor.href = href
  anchor.target = '_blank'
  anchor.rel = 'noopener noreferrer nofollow'
  return anchor
}

/**
 * @param {HTMLElement} foot
 * @param {Shown} shown
 * @param {Language} language
 */
function drawTime(foot, { at, mine, state }, language) {
  const time = make('time', '', new Intl.DateTimeFormat(language, { hour: '2-digit', minute: '2-digit' }).format(at))
  time.dateTime = new Date(at).toISOString()
  foot.append(time)
  if (mine) foot.append(make('span', 'state', state === 'there' ? words[language].sent : words[language].sending))
}

/**
 * @param {HTMLElement} foot
 * @param {Shown} shown
 * @param {Language} language
 * @param {Actions} actions
 */
function drawFailure(foot, shown, language, actions) {
  const word = words[language]
  foot.append(make('span', 'why', shown.refusal ? refusalText(shown.refusal, language) : word.failed))
  /** @type {[string, (id: string) => void][]} */
  const choices = [[word.retry, actions.retry]]
  if (shown.content.kind === 'text') choices.push([word.edit, actions.edit])
  choices.push([word.discard, actions.discard])
  for (const [label, act] of choices) {
    const button = make('button', 'quiet-button', label)
    button.type = 'button'
    button.addEventListener('click', () => act(shown.id))
    foot.append(button)
  }
}

/** @param {string} name */
function extensionOf(name) {
  const found = /\.([A-Za-z0-9]{1,4})$/.exec(name)
  return found?.[1]?.toUpperCase() ?? 'FILE'
}
