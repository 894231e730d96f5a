/** What a key does in the composer. Enter that chooses a word of an input method never sends. */

/** Which key sends, by the member's preference. */
export type SendKey = 'enter' | 'ctrl-enter'
export type ComposerKey = 'send' | 'newline' | 'leave' | 'other'

/** What the decision looks at; a `KeyboardEvent` has it all. */
export type KeyPress = Pick<
  KeyboardEvent,
  'key' | 'shiftKey' | 'ctrlKey' | 'metaKey' | 'altKey' | 'isComposing' | 'keyCode' | 'repeat'
>

/**
 * `newline` and `other` are left to the text field. Key code 229 is how engines mark a key that an input method has
 * taken after `compositionend` has already been told, when `isComposing` is false again. A key held down sends once.
 */
export function composerKey(press: KeyPress, sendWith: SendKey): ComposerKey {
  if (press.isComposing || press.keyCode === 229) return 'other'
  if (press.key === 'Escape') return 'leave'
  if (press.key !== 'Enter') return 'other'
  if (press.shiftKey || press.altKey) return 'newline'
  const withControl = press.ctrlKey || press.metaKey
  if (sendWith === 'ctrl-enter' && !withControl) return 'newline'
  return press.repeat ? 'other' : 'send'
}

/**
 * Whether what was typed opens the saved replies (REP-2): a slash as the first character of an empty reply. One that an
 * input method put there, or that was pasted, is a slash.
 */
export function opensReplies(
  { isComposing, inputType }: Pick<InputEvent, 'isComposing' | 'inputType'>,
  mode: 'reply' | 'note',
  before: string,
  now: string,
): boolean {
  return mode === 'reply' && before === '' && now === '/' && inputType === 'insertText' && !isComposing
}
