/**
 * Filling in a WhatsApp template. A placeholder is known by where it stands: `body.1`, `body.name`, `header.1`, and for
 * buttons `button.0` (a URL's suffix, or the code to copy), so that the same number in two places is two values.
 */
import { refuse } from '../refusal.ts'
import { reject } from '../rule.ts'
import type { Rule } from '../rule.ts'
import type { Template } from '../rows.ts'

/** Longest value of one placeholder, in UTF-16 units (WhatsApp's limit of a body's text is 1,024 in all). */
export const VALUE_MAX = 1_024
const PLACEHOLDER = /\{\{\s*([A-Za-z0-9_]+)\s*\}\}/g

/** What has to be given so that the template can be sent. */
export type Placeholder = { key: string; at: 'header' | 'body' | 'button'; name: string }

/** Every placeholder of the template, in the order in which the customer reads them. */
export function placeholdersOf({ components }: Pick<Template, 'components'>): Placeholder[] {
  const { header, body, buttons } = components
  const inText = (at: 'header' | 'body', text: string): Placeholder[] =>
    [...new Set([...text.matchAll(PLACEHOLDER)].map(([, name = '']) => name))].map((name) => ({
      key: `${at}.${name}`,
      at,
      name,
    }))
  return [
    ...(header?.kind === 'text' ? inText('header', header.text) : []),
    ...inText('body', body),
    ...buttons.flatMap((button, n): Placeholder[] => {
      const isOpen = button.kind === 'copyCode' || (button.kind === 'url' && button.url.search(PLACEHOLDER) >= 0)
      return isOpen ? [{ key: `button.${n}`, at: 'button', name: button.text }] : []
    }),
  ]
}

/** The kind of file that has to be given for the header, if any. */
export function mediaOf({ components }: Pick<Template, 'components'>): 'image' | 'video' | 'document' | null {
  return components.header?.kind === 'media' ? components.header.media : null
}

/** Whether there is something to give before it can be sent (REP-5). */
export function hasSomethingToEdit(template: Pick<Template, 'components'>): boolean {
  return placeholdersOf(template).length > 0 || mediaOf(template) !== null
}

/** Whether this workstation can send it at all: a header with a place on the map is not offered. */
export function isSendable(template: Pick<Template, 'approved' | 'components'>): boolean {
  return template.approved && template.components.header?.kind !== 'location'
}

/** The text as the customer reads it: header, body and footer. What is not given yet keeps its braces. */
export function filledText({ components }: Pick<Template, 'components'>, values: Record<string, string>): string {
  const { header, body, footer } = components
  const fill = (at: 'header' | 'body', text: string) =>
    text.replace(PLACEHOLDER, (whole, name: string) => values[`${at}.${name}`] ?? whole)
  return [header?.kind === 'text' ? fill('header', header.text) : '', fill('body', body), footer]
    .filter((part) => part !== '')
    .join('\n')
}

/** Whether a file of this type can stand in a header of this kind. */
export function fitsHeader(media: NonNullable<ReturnType<typeof mediaOf>>, mime: string): boolean {
  const [group] = mime.split('/')
  return group === 'image' || group === 'video' ? group === media : media === 'document' && group !== 'audio'
}

/** Whether a value can be given: WhatsApp takes no line breaks, tabs or long gaps in a placeholder. */
export function isFillable(value: string): boolean {
  return value.trim() !== '' && !/[\n\t]| {5}/.test(value)
}

/** Refuses values that are not exactly those that the template, as it is now, asks for. */
export function* checkValues(template: Template, values: Record<string, string>, media: { mime: string } | null): Rule {
  if (!isSendable(template)) yield* reject(refuse('template.notApproved', { name: template.name }))
  const wanted = placeholdersOf(template).map(({ key }) => key)
  const given = Object.keys(values)
  const isChanged = wanted.length !== given.length || wanted.some((key) => !given.includes(key))
  const wantedMedia = mediaOf(template)
  const isFile = wantedMedia === null ? media === null : media !== null && fitsHeader(wantedMedia, media.mime)
  if (isChanged || !isFile) {
    yield* reject(refuse('template.changed', { name: template.name }))
  }
  for (const [key, value] of Object.entries(values)) {
    if (!isFillable(value)) yield* reject(refuse('template.value', { key }))
  }
}
