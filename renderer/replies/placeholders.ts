/** The variables in a text as screens show them: cut into pieces, found for the cursor, put in. */
import { variablesOf } from '../../backend/domain/replies/variables.ts'
import type { Variable } from '../../backend/domain/replies/variables.ts'

const PLACEHOLDER = /(\{\{[^{}]*\}\})/

/** A piece of a text; `variable` is set for a placeholder, null inside for one that there is not. */
export type Piece = { text: string; placeholder: { variable: Variable | null } | null }

/** The text in pieces that make it up again when they are put together. */
export function piecesOf(text: string): Piece[] {
  return text
    .split(PLACEHOLDER)
    .filter((piece) => piece !== '')
    .map((piece) => {
      if (!PLACEHOLDER.test(piece)) return { text: piece, placeholder: null }
      return { text: piece, placeholder: { variable: variablesOf(piece).known[0] ?? null } }
    })
}

/** What a text holds that was to be filled in. */
export function unfilledIn(text: string): Variable[] {
  return text.includes('{{') ? variablesOf(text).known : []
}

export type Written = { text: string; from: number; to: number }

/**
 * What stands in the field when a reply was put in 套用: after what was typed, on a line of its own. The first value that
 * is missing is to be selected, so that typing fills it in; otherwise the cursor stands at the end.
 *
 * @param typed what is in the field; a slash by which the picker was opened is no part of it.
 */
export function putAfter(typed: string, added: string, missing: readonly Variable[]): Written {
  const gap = typed === '' || added === '' || typed.endsWith('\n') ? '' : '\n'
  const begin = typed.length + gap.length
  const text = typed + gap + added
  let at = begin
  for (const { text: piece, placeholder } of piecesOf(added)) {
    const variable = placeholder?.variable
    if (variable && missing.includes(variable)) return { text, from: at, to: at + piece.length }
    at += piece.length
  }
  return { text, from: text.length, to: text.length }
}

/** Puts a variable where the cursor is, over what is selected. */
export function insertVariable(text: string, from: number, to: number, variable: Variable): Written {
  const placeholder = `{{${variable}}}`
  const at = from + placeholder.length
  return { text: text.slice(0, from) + placeholder + text.slice(to), from: at, to: at }
}
