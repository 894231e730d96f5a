// @ts-check
/** A button that opens a menu: arrow keys go through it, Escape and a click elsewhere close it. */
import { button, make } from './dom.js'

/**
 * @param {string} label
 * @param {[text: string, act: () => void][]} items
 */
export function menu(label, items) {
  const whole = make('div', 'menu')
  const list = make('div', 'items')
  list.setAttribute('role', 'menu')
  list.setAttribute('aria-label', label)
  list.hidden = true
  const opener = button('+', () => (list.hidden ? open() : close(true)), 'opener')
  opener.setAttribute('aria-label', label)
  opener.setAttribute('aria-haspopup', 'menu')
  opener.setAttribute('aria-expanded', 'false')

  const buttons = items.map(([text, act]) => {
    const item = button(text, () => {
      close(true)
      act()
    })
    item.setAttribute('role', 'menuitem')
    item.tabIndex = -1
    return item
  })
  list.append(...buttons)

  function open() {
    list.hidden = false
    opener.setAttribute('aria-expanded', 'true')
    buttons[0]?.focus()
    document.addEventListener('pointerdown', elsewhere)
  }
  /** @param {boolean} goBack */
  function close(goBack) {
    list.hidden = true
    opener.setAttribute('aria-expanded', 'false')
    document.removeEventListener('pointerdown', elsewhere)
    if (goBack) opener.focus()
  }
  /** @param {Event} event */
  function elsewhere({ target }) {
    if (!(target instanceof Node) || !whole.contains(target)) close(false)
  }
  whole.addEventListener('keydown', (event) => {
    if (list.hidden) return
    const at = buttons.findIndex((one) => one === document.activeElement)
    const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: -1 }[event.key]
    if (event.key === 'Escape') close(true)
    else if (event.key === 'Tab') return close(false)
    else if (to === undefined) return
    else buttons.at(to % buttons.length)?.focus()
    event.preventDefault()
  })
  whole.append(opener, list)
  return whole
}
