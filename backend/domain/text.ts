/**
 * What becomes of text that people typed before it is stored: nothing visible is lost, nothing invisible does harm.
 */

/** Longest message or note, in UTF-16 units (LINE's published limit, the smallest of the channels). */
export const MESSAGE_TEXT_MAX = 5_000
/** Longest name of a person, store or file, in UTF-16 units. */
export const NAME_MAX = 100
/** Longest preview kept on a conversation, in UTF-16 units. */
const PREVIEW_MAX = 120

const CONTROL = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\ufeff]/g
const DIRECTION_CONTROL = /[\u200e\u200f\u202a-\u202e\u2066-\u2069]/g

/**
 * Drops control characters (PostgreSQL cannot hold U+0000 and none of them can be seen), turns CRLF and CR into LF and
 * replaces half surrogate pairs by U+FFFD. Direction marks stay: right-to-left writers need them, and every screen
 * isolates the text it shows.
 */
export function cleanText(text: string): string {
  return text.replace(/\r\n?/g, '\n').replace(CONTROL, '').toWellFormed()
}

/** As {@link cleanText}, for one line: no direction marks, white space folded, at most {@link NAME_MAX} units. */
export function cleanName(name: string): string {
  return cut(cleanText(name).replace(DIRECTION_CONTROL, '').replace(/\s+/g, ' ').trim(), NAME_MAX)
}

/** The first line's worth of a text, for lists. */
export function preview(text: string): string {
  return cut(cleanText(text).replace(/\s+/g, ' ').trim(), PREVIEW_MAX)
}

function cut(text: string, max: number): string {
  return text.length <= max
    ? text
    : text
        .slice(0, max)
        .toWellFormed()
        .replace(/\ufffd$/, '')
}
