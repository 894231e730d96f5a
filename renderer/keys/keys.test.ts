import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { effectScope } from 'vue'
import type { EffectScope } from 'vue'
import { keyCaps, registeredShortcuts, useShortcuts } from './keys.ts'
import type { KeyHandler, Shortcut, ShortcutScope } from './keys.ts'

let scopes: EffectScope[] = []
const done: string[] = []
const note =
  (what: string): KeyHandler =>
  () =>
    void done.push(what)

function use(shortcuts: Record<string, KeyHandler | Shortcut>, scope: ShortcutScope = 'everywhere'): EffectScope {
  const own = effectScope()
  own.run(() => useShortcuts(shortcuts, { scope }))
  scopes.push(own)
  return own
}

function press(key: string, init: KeyboardEventInit = {}, target: EventTarget = document.body): KeyboardEvent {
  const event = new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true, ...init })
  target.dispatchEvent(event)
  return event
}

function field(html: string): Element {
  document.body.innerHTML = html
  const element = document.body.querySelector('input, textarea, [contenteditable]')
  if (element === null) throw new Error('no field')
  return element
}

beforeEach(() => {
  done.length = 0
  document.body.innerHTML = ''
})
afterEach(() => {
  for (const scope of scopes) scope.stop()
  scopes = []
})

describe('shortcuts', () => {
  it('run, and end with who asked for them', () => {
    const scope = use({ j: note('j') })
    expect(press('j').defaultPrevented).toBe(true)
    scope.stop()
    press('j')
    expect(done).toEqual(['j'])
    expect(registeredShortcuts()).toEqual([])
  })

  it('of one letter stay out of text fields, those with Ctrl do not', () => {
    use({ j: note('j'), '?': note('?'), 'ctrl+k': note('ctrl+k'), Escape: { run: note('Escape'), inText: true } })
    for (const html of [
      '<textarea></textarea>',
      '<input>',
      '<input type="search">',
      '<div contenteditable="true"></div>',
    ]) {
      const target = field(html)
      press('j', {}, target)
      press('?', { shiftKey: true }, target)
    }
    expect(done).toEqual([])
    const target = field('<textarea></textarea>')
    press('k', { ctrlKey: true }, target)
    press('Escape', {}, target)
    press('j', {}, field('<input type="checkbox">'))
    expect(done).toEqual(['ctrl+k', 'Escape', 'j'])
  })

  it('never answer while an input method is composing', () => {
    use({ Enter: { run: note('Enter'), inText: true }, j: note('j') })
    const target = field('<textarea></textarea>')
    press('Enter', { isComposing: true }, target)
    press('Enter', { keyCode: 229 }, target)
    press('j', { isComposing: true })
    expect(done).toEqual([])
    press('Enter', {}, target)
    expect(done).toEqual(['Enter'])
  })

  it('rest while a dialog is open', () => {
    use({ j: note('j'), 'ctrl+k': note('ctrl+k') })
    document.body.innerHTML = '<dialog open></dialog>'
    press('j')
    press('k', { ctrlKey: true })
    expect(done).toEqual([])
  })

  it('go to the innermost who can use them', () => {
    use({ Escape: note('list') }, 'inbox')
    use({ Escape: note('everywhere') })
    let open = true
    use({ Escape: { run: note('thread'), when: () => open } }, 'thread')
    press('Escape')
    open = false
    press('Escape')
    expect(done).toEqual(['thread', 'list'])
  })

  it('tell Shift and Ctrl apart, and know ? however it is typed', () => {
    use({ j: note('j'), 'shift+j': note('shift+j'), 'ctrl+shift+l': note('lock'), '?': note('?') })
    press('J', { shiftKey: true })
    press('j', { ctrlKey: true })
    press('j', { metaKey: true })
    press('j', { altKey: true })
    press('L', { ctrlKey: true, shiftKey: true })
    press('?', { shiftKey: true })
    press('?')
    expect(done).toEqual(['shift+j', 'lock', '?', '?'])
  })

  it('refuse Alt', () => {
    expect(() => use({ 'alt+j': note('j') })).toThrow('Alt')
  })

  it('are drawn as they stand on the keyboard', () => {
    expect([keyCaps('ctrl+k', false), keyCaps('ctrl+shift+l', true), keyCaps('ArrowDown'), keyCaps('Escape')]).toEqual([
      ['Ctrl', 'K'],
      ['⌘', '⇧', 'L'],
      ['↓'],
      ['Esc'],
    ])
  })
})
