/** Choosing a message template and filling it in: which are offered, and what is wrong with what was given (REP-5). */
import type { ChannelId } from '../../../backend/domain/ids.ts'
import type { Template } from '../../../backend/domain/rows.ts'
import { VALUE_MAX, filledText, isFillable, isSendable } from '../../../backend/domain/templates/template.ts'
import type { Placeholder } from '../../../backend/domain/templates/template.ts'

function plain(text: string): string {
  return text.normalize('NFKC').toLocaleLowerCase()
}

/** Those of the channel that can be sent, by name; every word that was typed is in the name or the text. */
export function templatesFor(templates: readonly Template[], channelId: ChannelId, typed: string): Template[] {
  const words = plain(typed).split(/\s+/)
  return templates
    .filter((template) => template.channelId === channelId && isSendable(template))
    .filter((template) => {
      const text = plain(`${template.name} ${filledText(template, {})}`)
      return words.every((word) => text.includes(word))
    })
    .toSorted((a, b) => a.name.localeCompare(b.name, 'en') || a.language.localeCompare(b.language, 'en'))
}

/** What is wrong with the value of one placeholder. */
export type FieldProblem = { type: 'empty' | 'form' } | { type: 'tooLong'; max: number; over: number }

/** What is wrong with the value of one placeholder, by the rule that the hub asks; null when nothing is. */
export function fieldProblem(value: string): FieldProblem | null {
  if (value.length > VALUE_MAX) return { type: 'tooLong', max: VALUE_MAX, over: value.length - VALUE_MAX }
  if (isFillable(value)) return null
  return { type: value.trim() === '' ? 'empty' : 'form' }
}

/** What each placeholder of a button is: the end of its address, or a code to copy. */
export function buttonPart({ components }: Template, { key }: Placeholder): 'link' | 'code' {
  const button = components.buttons[Number(key.slice('button.'.length))]
  return button?.kind === 'copyCode' ? 'code' : 'link'
}
