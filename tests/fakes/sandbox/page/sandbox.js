// @ts-check
/** The sandbox's page: four phones and what went over the wire, side by side where there is room, else one at a time. */
import { button, byId, make } from './dom.js'
import { Panel } from './panel.js'
import { Phone } from './phone.js'
import { Store } from './store.js'
import { textOf, words } from './words.js'

/** @typedef {import('./words.js').Language} Language */

/** ms that a complaint stays. */
const COMPLAINT = 6_000
const PLACES = /** @type {const} */ (['line', 'group', 'whatsapp', 'webchat', 'panel'])
const KEY = 'countertop-sandbox-language'

const store = new Store()
const toast = byId('toast')
const switcher = byId('switcher')
const languageButton = byId('language')
/** @type {Language} */
let language = startLanguage()
let complaintEnds = 0

const phones = /** @type {const} */ (['line', 'group', 'whatsapp']).map((app) => new Phone(app, store, complain))
const panel = new Panel(store)
const webchat = drawWebchat()
byId('phones').append(...phones.map(({ element }) => element), webchat.element, panel.element)

const tabs = PLACES.map((place) => {
  const tab = button('', () => show(place), 'tab')
  tab.dataset['place'] = place
  return tab
})
switcher.append(...tabs)
languageButton.addEventListener('click', () => {
  language = language === 'en' ? 'zh-Hant-TW' : 'en'
  try {
    localStorage.setItem(KEY, language)
  } catch (error) {
    // A browser that keeps nothing forgets the language; all else works.
    if (!(error instanceof DOMException)) throw error
  }
  speak()
})
store.on((news) => {
  if (news.type === 'connection') {
    if (!store.isLive) sayHub()
    return
  }
  for (const phone of phones) phone.take(news)
  panel.take(news)
  if (news.type === 'all' || news.type === 'settings') sayHub()
})
speak()
show('line')
store.open()

function speak() {
  const word = words[language]
  document.documentElement.lang = language
  document.title = `Countertop ${word.title}`
  for (const element of document.querySelectorAll('[data-word]')) {
    const name = element.getAttribute('data-word')
    if (name === 'title' || name === 'lead') element.textContent = word[name]
  }
  switcher.setAttribute('aria-label', word.switcher)
  for (const tab of tabs) {
    const place = PLACES.find((one) => one === tab.dataset['place'])
    if (place) tab.textContent = word[place]
  }
  languageButton.textContent = word.language
  languageButton.setAttribute('aria-label', word.languageLabel)
  languageButton.lang = language === 'en' ? 'zh-Hant-TW' : 'en'
  webchat.speak()
  for (const phone of phones) phone.speak(language)
  panel.speak(language)
  sayHub()
}

/** @param {(typeof PLACES)[number]} place shown where there is room for one only */
function show(place) {
  document.body.dataset['shown'] = place
  for (const tab of tabs) tab.setAttribute('aria-pressed', String(tab.dataset['place'] === place))
  phones.find(({ app }) => app === place)?.shown()
}

function sayHub() {
  const word = words[language]
  const isThere = store.settings?.isHubThere ?? false
  const hub = byId('hub')
  hub.textContent = store.settings && !store.isLive ? word.reconnecting : isThere ? word.hubThere : word.hubWaiting
  hub.className = isThere && store.isLive ? 'good' : 'warn'
  if (isThere) webchat.open()
}

/** @param {string} code */
function complain(code) {
  const word = words[language]
  const known = Object.keys(word.refusals).includes(code)
  toast.textContent = known ? textOf(word.refusals, code) : word.failedOther
  toast.hidden = false
  clearTimeout(complaintEnds)
  complaintEnds = setTimeout(() => {
    toast.hidden = true
  }, COMPLAINT)
}

/** The real page of the web chat, on the hub. */
function drawWebchat() {
  const element = make('section', 'phone webchat')
  element.id = 'phone-webchat'
  const address = document.body.dataset['webchat'] ?? ''
  const device = make('div', 'device')
  const bar = make('div', 'bar')
  const mark = make('span', 'mark', '網')
  mark.ariaHidden = 'true'
  bar.append(mark, make('span', 'shop-name', '好日子生活選物'))
  const frame = make('iframe')
  const link = make('a', 'plain')
  link.href = address.replace(/\/embed$/, '')
  link.target = '_blank'
  link.rel = 'noopener'
  device.append(bar, frame)
  const top = make('div', 'choices')
  top.append(link)
  element.append(top, device)
  return {
    element,
    /** Once the hub is there. */
    open() {
      if (frame.getAttribute('src') === null) frame.src = address
    },
    speak() {
      const word = words[language]
      element.setAttribute('aria-label', word.webchat)
      frame.title = word.webchat
      link.textContent = word.openWebchat
    },
  }
}

/** @returns {Language} */
function startLanguage() {
  try {
    const kept = localStorage.getItem(KEY)
    if (kept === 'en' || kept === 'zh-Hant-TW') return kept
  } catch (error) {
    if (!(error instanceof DOMException)) throw error
  }
  const wanted = navigator.languages.find((one) => /^(zh|en)\b/i.test(one)) ?? 'zh'
  return wanted.toLowerCase().startsWith('en') ? 'en' : 'zh-Hant-TW'
}
