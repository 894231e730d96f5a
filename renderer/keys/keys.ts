/**
 * Keyboard shortcuts: one listener for the window, a registry from which the `?` sheet is made.
 *
 * Keys are written as `j`, `?`, `ArrowDown`, `Escape`, `ctrl+k`, `shift+F6`; `ctrl` is ⌘ on a Mac. Alt with a letter is never
 * used: it types accented letters and opens menus.
 */
import { onScopeDispose, shallowReactive } from 'vue'
import type { TextKey } from '../i18n/index.ts'

export type KeyHandler = (event: KeyboardEvent) => void
export type Shortcut = {
  run: KeyHandler
  /** What it does, for the sheet; without it the key is not shown there. */
  label?: TextKey
  /** Whether it can be used right now; otherwise the key goes on to whoever else wants it. */
  when?: () => boolean
  /** Also inside text fields. Keys with Ctrl/⌘ always are. */
  inText?: boolean
}
export type ShortcutScope = 'everywhere' | 'inbox' | 'thread'
export type Registered = Shortcut & { keys: string; scope: ShortcutScope }

export const isMac = /Mac|iPhone|iPad/.test(globalThis.navigator?.platform ?? '')

const registry = shallowReactive(new Set<Registered>())

/** All shortcuts that are in force, for the sheet. */
export function registeredShortcuts(): Registered[] {
  return [...registry]
}

/**
 * Puts shortcuts in force for as long as the component (or effect scope) lives. Where two want the same key the later one has
 * it; an `inbox` or `thread` shortcut is before one from `everywhere`.
 */
export function useShortcuts(
  shortcuts: Record<string, KeyHandler | Shortcut>,
  options: { scope: ShortcutScope },
): void {
  const mine: Registered[] = []
  for (const [keys, shortcut] of Object.entries(shortcuts)) {
    if (/\balt\+/i.test(keys)) throw new Error(`${keys}: shortcuts never use Alt`)
    const whole = typeof shortcut === 'function' ? { run: shortcut } : shortcut
    mine.push({ ...whole, keys, scope: options.scope })
  }
  for (const shortcut of mine) registry.add(shortcut)
  listen()
  onScopeDispose(() => {
    for (const shortcut of mine) registry.delete(shortcut)
  })
}

let listening = false
function listen(): void {
  if (listening) return
  listening = true
  document.addEventListener('keydown', dispatch)
}

/** Whether what has the focus takes letters. */
export function isTextField(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false
  if (target.isContentEditable || target.tagName === 'TEXTAREA' || target.tagName === 'SELECT') return true
  if (!(target instanceof HTMLInputElement)) return false
  return !['button', 'checkbox', 'color', 'file', 'image', 'radio', 'range', 'reset', 'submit'].includes(target.type)
}

/** Whether an input method is composing: no key of that moment is meant for us. */
export function isComposing(event: KeyboardEvent): boolean {
  return event.isComposing || event.keyCode === 229
}

function dialogIsOpen(): boolean {
  return document.querySelector('dialog[open], [aria-modal="true"]') !== null
}

function dispatch(event: KeyboardEvent): void {
  if (event.defaultPrevented || isComposing(event) || event.altKey) return
  const candidates = [...registry]
    .filter((shortcut) => matches(shortcut.keys, event) && (shortcut.when?.() ?? true))
    .toReversed()
  const chosen = candidates.find(({ scope }) => scope !== 'everywhere') ?? candidates[0]
  if (chosen === undefined || dialogIsOpen()) return
  const withControl = chosen.keys.toLowerCase().includes('ctrl+')
  if (!withControl && chosen.inText !== true && isTextField(event.target)) return
  event.preventDefault()
  chosen.run(event)
}

function matches(keys: string, event: KeyboardEvent): boolean {
  const parts = keys.split('+')
  const key = parts.pop() ?? ''
  const wanted = new Set(parts.map((part) => part.toLowerCase()))
  const control = isMac ? event.metaKey : event.ctrlKey
  const other = isMac ? event.ctrlKey : event.metaKey
  if (control !== wanted.has('ctrl') || other) return false
  // A sign such as ? already says whether Shift is part of typing it.
  const isLetter = /^[a-z]$/i.test(key)
  if ((isLetter || key.length > 1) && event.shiftKey !== wanted.has('shift')) return false
  return isLetter ? event.key.toLowerCase() === key.toLowerCase() : event.key === key
}

const NAMES: Record<string, string> = {
  ArrowUp: '↑',
  ArrowDown: '↓',
  ArrowLeft: '←',
  ArrowRight: '→',
  Escape: 'Esc',
  ' ': 'Space',
}

/** The caps to draw for keys: `ctrl+k` → `['Ctrl', 'K']`, on a Mac `['⌘', 'K']`. */
export function keyCaps(keys: string, mac = isMac): string[] {
  return keys.split('+').map((part) => {
    if (part.toLowerCase() === 'ctrl') return mac ? '⌘' : 'Ctrl'
    if (part.toLowerCase() === 'shift') return mac ? '⇧' : 'Shift'
    return NAMES[part] ?? (part.length === 1 ? part.toUpperCase() : part)
  })
}
