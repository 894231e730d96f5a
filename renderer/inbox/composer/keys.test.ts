import { describe, expect, it } from 'vitest'
import { composerKey, opensReplies } from './keys.ts'
import type { KeyPress } from './keys.ts'

const press = (more: Partial<KeyPress> = {}): KeyPress => ({
  key: 'Enter',
  shiftKey: false,
  ctrlKey: false,
  metaKey: false,
  altKey: false,
  isComposing: false,
  keyCode: 13,
  repeat: false,
  ...more,
})

describe('keys of the composer', () => {
  it('Enter sends, Shift-Enter makes a line', () => {
    expect(
      [press(), press({ shiftKey: true }), press({ key: 'a', keyCode: 65 }), press({ key: 'Escape' })].map((p) =>
        composerKey(p, 'enter'),
      ),
    ).toEqual(['send', 'newline', 'other', 'leave'])
  })

  it('by preference Ctrl-Enter (or ⌘-Enter) sends and Enter makes a line', () => {
    expect(
      [press(), press({ ctrlKey: true }), press({ metaKey: true })].map((p) => composerKey(p, 'ctrl-enter')),
    ).toEqual(['newline', 'send', 'send'])
  })

  it('never sends, nor leaves, while an input method composes', () => {
    for (const sendWith of ['enter', 'ctrl-enter'] as const) {
      expect(composerKey(press({ isComposing: true, ctrlKey: true }), sendWith)).toBe('other')
      expect(composerKey(press({ keyCode: 229, ctrlKey: true }), sendWith)).toBe('other')
    }
    expect(composerKey(press({ key: 'Escape', isComposing: true }), 'enter')).toBe('other')
  })

  it('a key held down sends once', () => {
    expect(composerKey(press({ repeat: true }), 'enter')).toBe('other')
  })
})

describe('a slash', () => {
  const typed = { isComposing: false, inputType: 'insertText' }

  it('[REP-2] opens the saved replies as the first character of an empty reply, and is a slash elsewhere', () => {
    expect(opensReplies(typed, 'reply', '', '/')).toBe(true)
    expect(opensReplies(typed, 'reply', '1', '1/')).toBe(false)
    expect(opensReplies(typed, 'note', '', '/')).toBe(false)
    // What is left when the rest is deleted.
    expect(opensReplies({ ...typed, inputType: 'deleteContentBackward' }, 'reply', '/a', '/')).toBe(false)
  })

  it('[REP-2] from an input method or a paste is a slash', () => {
    expect(opensReplies({ ...typed, isComposing: true }, 'reply', '', '/')).toBe(false)
    expect(opensReplies({ ...typed, inputType: 'insertFromPaste' }, 'reply', '', '/')).toBe(false)
  })
})
