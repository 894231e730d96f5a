/** The keywords of a bot as one types them: one after the other, or a list that was pasted. */
import { KEYWORDS_MAX, KEYWORD_MAX } from '../../../backend/domain/channels/settings.ts'

/** Whether a text that was typed or pasted has more than one keyword in it. */
export function hasSeveral(text: string): boolean {
  return /[\n,，、;；]/.test(text)
}

/**
 * Adds what was typed; those that are there already (capitals do not matter to the bot) stay once.
 * @returns the keywords, and what could not be added because it is too long or one too many
 */
export function withKeywords(have: readonly string[], text: string): { keywords: string[]; left: string[] } {
  const keywords = [...have]
  const left: string[] = []
  for (const piece of text.split(/[\n,，、;；]/)) {
    const keyword = piece.trim()
    const isThere = keywords.some((one) => one.toLowerCase() === keyword.toLowerCase())
    if (keyword === '' || isThere) continue
    if (keyword.length > KEYWORD_MAX || keywords.length >= KEYWORDS_MAX) left.push(keyword)
    else keywords.push(keyword)
  }
  return { keywords, left }
}
