/**
 * A template as it is sent: what was filled in, in the order and form that the platform wants.
 *
 * https://developers.facebook.com/docs/whatsapp/cloud-api/guides/send-message-templates
 */
import type { Body, Template } from '../../../domain/rows.ts'
import { mediaOf, placeholdersOf } from '../../../domain/templates/template.ts'
import type { Placeholder } from '../../../domain/templates/template.ts'

type TemplateBody = Extract<Body, { kind: 'template' }>
/** The header's file as it was uploaded. */
export type HeaderFile = { id: string; name: string }

/**
 * The `template` of a message; null when the values are not those that the template asks for (REP-5 names every place
 * that can ask for one).
 * @param token what a flow's answer will carry
 */
export function templateObject(
  template: Template,
  { values }: Pick<TemplateBody, 'values'>,
  file: HeaderFile | null,
  token: string,
): Record<string, unknown> | null {
  const placeholders = placeholdersOf(template)
  if (placeholders.some(({ key }) => !Object.hasOwn(values, key))) return null
  if (Object.keys(values).length !== placeholders.length) return null
  if ((mediaOf(template) === null) !== (file === null)) return null

  const { header, buttons } = template.components
  const texts = (at: Placeholder['at']) => textParameters(placeholders, at, values)
  const components = [
    ...part('header', header?.kind === 'media' && file ? [mediaParameter(header.media, file)] : texts('header')),
    ...part('body', texts('body')),
    ...buttons.flatMap((button, n): unknown[] => {
      const value = values[`button.${n}`]
      const at = { type: 'button', index: String(n) }
      switch (button.kind) {
        case 'url':
          return value === undefined ? [] : [{ ...at, sub_type: 'url', parameters: [{ type: 'text', text: value }] }]
        case 'copyCode':
          return [{ ...at, sub_type: 'copy_code', parameters: [{ type: 'coupon_code', coupon_code: value }] }]
        case 'flow':
          return [{ ...at, sub_type: 'flow', parameters: [{ type: 'action', action: { flow_token: token } }] }]
        case 'quickReply':
        case 'phone':
          return []
      }
    }),
  ]
  const { name, language } = template
  return { name, language: { code: language }, ...(components.length > 0 && { components }) }
}

function part(type: 'header' | 'body', parameters: unknown[]): unknown[] {
  return parameters.length > 0 ? [{ type, parameters }] : []
}

/** Named ones by their names; numbered ones by their place, which is their number and not where the text has them. */
function textParameters(placeholders: Placeholder[], at: Placeholder['at'], values: Readonly<Record<string, string>>) {
  return placeholders
    .filter((placeholder) => placeholder.at === at)
    .map(({ key, name }) => ({ text: values[key], number: /^\d+$/.test(name) ? Number(name) : null, name }))
    .sort((a, b) => (a.number ?? 0) - (b.number ?? 0))
    .map(({ text, number, name }) => ({ type: 'text', ...(number === null && { parameter_name: name }), text }))
}

function mediaParameter(media: 'image' | 'video' | 'document', { id, name }: HeaderFile) {
  return { type: media, [media]: media === 'document' ? { id, filename: name } : { id } }
}
