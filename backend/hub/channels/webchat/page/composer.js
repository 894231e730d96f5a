// @ts-check
/** Where the customer writes: grows with the text, keeps it in the browser, and never sends in the middle of a character. */
import { fill, words } from './words.js'

/** @typedef {import('./memory.js').Memory} Memory */
/** @typedef {import('./words.js').Language} Language */

/** As `MESSAGE_TEXT_MAX` of `backend/domain/text.ts`; the hub checks again. */
export const TEXT_MAX = 5_000
/** From which length on the count is shown. */
const COUNT_FROM = 4_500
/** How often the hub is told that the customer types, at most, in ms. */
const TYPING_EVERY = 3_000

/**
 * @param {{ form: HTMLFormElement, text: HTMLTextAreaElement, send: HTMLButtonElement, counter: HTMLElement }} parts
 * @param {{ memory: Memory, language: () => Language, onSend: (text: string) => void, onTooLong: (length: number) => void,
 *   onTyping: () => void, onEdit: () => void }} options
 */
export function createComposer(
  { form, text, send, counter },
  { memory, language, onSend, onTooLong, onTyping, onEdit },
) {
  let toldAt = 0

  function show() {
    const { length } = text.value
    send.disabled = text.value.trim() === ''
    counter.hidden = length < COUNT_FROM
    counter.classList.toggle('bad', length > TEXT_MAX)
    const word = words[language()]
    counter.textContent =
      length > TEXT_MAX
        ? fill(word.tooManyCharacters, { over: (length - TEXT_MAX).toLocaleString(language()) })
        : fill(word.characters, { length: length.toLocaleString(language()), max: TEXT_MAX.toLocaleString(language()) })
    text.style.height = 'auto'
    text.style.height = `${Math.min(text.scrollHeight, 160)}px`
  }

  function changed() {
    if (text.value === '') memory.remove('draft')
    else memory.set('draft', text.value)
    show()
    onEdit()
    if (text.value !== '' && Date.now() - toldAt > TYPING_EVERY) {
      toldAt = Date.now()
      onTyping()
    }
  }

  function submit() {
    const typed = text.value
    if (typed.trim() === '') return
    if (typed.length > TEXT_MAX) return onTooLong(typed.length)
    onSend(typed)
    text.value = ''
    toldAt = 0
    changed()
  }

  form.addEventListener('submit', (event) => {
    event.preventDefault()
    submit()
    text.focus()
  })
  text.addEventListener('keydown', (event) => {
    // 229: Safari ends the composition before the key that ended it.
    if (event.key !== 'Enter' || event.shiftKey || event.isComposing || event.keyCode === 229) return
    event.preventDefault()
    submit()
  })
  text.addEventListener('input', changed)
  text.value = memory.get('draft') ?? ''
  show()

  return {
    show,
    focus: () => text.focus(),
    /**
     * Puts a text back, in front of what has been typed meanwhile.
     * @param {string} earlier
     */
    putBack(earlier) {
      text.value = text.value.trim() === '' ? earlier : `${earlier}\n${text.value}`
      changed()
      text.focus()
    },
  }
}
