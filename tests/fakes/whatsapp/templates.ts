/** Message templates as WhatsApp Manager holds them, and what the platform has against sending one. */
import type { Refusal } from './errors.ts'
import type { TemplateSend } from './schemas/requests.ts'

export type TemplateButton =
  | { type: 'QUICK_REPLY'; text: string }
  /** An address ending in `{{1}}` takes its ending from each send. */
  | { type: 'URL'; text: string; url: string; example?: string[] }
  | { type: 'PHONE_NUMBER'; text: string; phone_number: string }
  | { type: 'COPY_CODE'; text: string; example: string[] }
  | { type: 'FLOW'; text: string; flow_id: string; flow_action: 'NAVIGATE'; navigate_screen: string }

type NamedExample = { param_name: string; example: string }

export type TemplateComponent =
  | {
      type: 'HEADER'
      format: 'TEXT'
      text: string
      example?: { header_text: string[] } | { header_text_named_params: NamedExample[] }
    }
  | { type: 'HEADER'; format: 'IMAGE' | 'VIDEO' | 'DOCUMENT'; example?: { header_handle: string[] } }
  | {
      type: 'BODY'
      text: string
      example?: { body_text: string[][] } | { body_text_named_params: NamedExample[] }
    }
  | { type: 'FOOTER'; text: string }
  | { type: 'BUTTONS'; buttons: TemplateButton[] }

export type TemplateStatus = 'APPROVED' | 'PENDING' | 'REJECTED' | 'PAUSED' | 'DISABLED'

export type Template = {
  id: string
  name: string
  language: string
  category: 'MARKETING' | 'UTILITY' | 'AUTHENTICATION'
  status: TemplateStatus
  /** How placeholders are written: `{{1}}` or `{{customer_name}}`. */
  parameter_format: 'POSITIONAL' | 'NAMED'
  components: TemplateComponent[]
}

/** A template as the customer's phone shows it, every placeholder filled. */
export type FilledTemplate = {
  header: { kind: 'text'; text: string } | { kind: 'media' } | null
  body: string
  footer: string | null
  buttons: { type: TemplateButton['type']; text: string; url?: string; code?: string; payload?: string }[]
}

type Sent = NonNullable<TemplateSend['components']>[number]
type SentButton = Extract<Sent, { type: 'button' }>
type Value = Extract<Sent, { type: 'body' }>['parameters'][number]

/** The template that a send names, filled; or why the platform refuses it. */
export function fillTemplate(templates: readonly Template[], send: TemplateSend): FilledTemplate | Refusal {
  const template = templates.find(({ name, language }) => name === send.name && language === send.language.code)
  if (template?.status === 'PAUSED') {
    return { code: 132015, details: `template name (${send.name}) is paused due to low quality` }
  }
  if (template?.status !== 'APPROVED') {
    return { code: 132001, details: `template name (${send.name}) does not exist in ${send.language.code}` }
  }
  const sent = send.components ?? []
  if (hasRepeats(sent)) return { code: 100, details: 'a component is given twice' }
  const header = fillHeader(template, sent)
  if (isRefusal(header)) return header
  const body = fillText('body', textOf(template, 'BODY'), template.parameter_format, valuesOf(sent, 'body'))
  if (isRefusal(body)) return body
  const buttons = fillButtons(template, sent)
  if (isRefusal(buttons)) return buttons
  return { header, body, footer: textOf(template, 'FOOTER') || null, buttons }
}

export function isRefusal(value: unknown): value is Refusal {
  return typeof value === 'object' && value !== null && 'code' in value && 'details' in value
}

/** The names of the placeholders in a text, each once: `1`, `2` or `customer_name`. */
export function placeholders(text: string): string[] {
  return [...new Set([...text.matchAll(/\{\{\s*(\w+)\s*\}\}/g)].flatMap(([, name]) => name ?? []))]
}

function fillHeader(template: Template, sent: readonly Sent[]): FilledTemplate['header'] | Refusal {
  const header = template.components.find((one) => one.type === 'HEADER')
  const [given] = sent.flatMap((one) => (one.type === 'header' ? one.parameters : []))
  if (header === undefined || header.format === 'TEXT') {
    if (given !== undefined && given.type !== 'text') {
      return { code: 132012, details: `header: Format mismatch, expected TEXT, received ${given.type.toUpperCase()}` }
    }
    const values = given === undefined ? [] : [given]
    const text = fillText('header', header?.text ?? '', template.parameter_format, values)
    return isRefusal(text) ? text : header === undefined ? null : { kind: 'text', text }
  }
  if (given?.type.toUpperCase() !== header.format) {
    const received = given?.type.toUpperCase() ?? 'UNKNOWN'
    return { code: 132012, details: `header: Format mismatch, expected ${header.format}, received ${received}` }
  }
  return { kind: 'media' }
}

function fillText(
  part: string,
  text: string,
  format: Template['parameter_format'],
  values: readonly Value[],
): string | Refusal {
  const wanted = placeholders(text)
  if (values.length !== wanted.length) {
    const counts = `number of localizable_params (${values.length}), expected number of params (${wanted.length})`
    return { code: 132000, details: `${part}: ${counts}` }
  }
  const byName = new Map(
    values.map((value, n) => [format === 'NAMED' ? (value.parameter_name ?? '') : String(n + 1), shown(value)]),
  )
  const missing = wanted.find((name) => !byName.has(name))
  if (missing !== undefined) return { code: 132000, details: `${part}: parameter (${missing}) is missing` }
  return text.replaceAll(/\{\{\s*(\w+)\s*\}\}/g, (_, name: string) => byName.get(name) ?? '')
}

function fillButtons(template: Template, sent: readonly Sent[]): FilledTemplate['buttons'] | Refusal {
  const buttons = template.components.flatMap((one) => (one.type === 'BUTTONS' ? one.buttons : []))
  const given = sent.filter((one) => one.type === 'button')
  const misplaced = given.find(({ index, sub_type }) => buttons[Number(index)]?.type !== sub_type.toUpperCase())
  if (misplaced) {
    return { code: 132012, details: `buttons: no button of type ${misplaced.sub_type} at index ${misplaced.index}` }
  }
  const filled: FilledTemplate['buttons'] = []
  for (const [n, button] of buttons.entries()) {
    const one = fillButton(
      button,
      given.find(({ index }) => Number(index) === n),
    )
    if (one === 'missing') {
      return { code: 131008, details: `buttons: Button at index ${n} of type ${button.type} requires a parameter` }
    }
    if (one === 'unwanted') {
      return { code: 132000, details: `buttons: Button at index ${n} of type ${button.type} takes no parameter` }
    }
    filled.push(one)
  }
  return filled
}

function fillButton(
  button: TemplateButton,
  given: SentButton | undefined,
): FilledTemplate['buttons'][number] | 'missing' | 'unwanted' {
  const { type, text } = button
  switch (button.type) {
    case 'URL': {
      const isDynamic = placeholders(button.url).length > 0
      if (given?.sub_type !== 'url') return isDynamic ? 'missing' : { type, text, url: button.url }
      const ending = given.parameters[0]?.text ?? ''
      return isDynamic ? { type, text, url: button.url.replace(/\{\{\s*1\s*\}\}/, ending) } : 'unwanted'
    }
    case 'COPY_CODE': {
      const code = given?.sub_type === 'copy_code' ? given.parameters[0]?.coupon_code : undefined
      return code === undefined ? 'missing' : { type, text, code }
    }
    case 'FLOW':
      return given === undefined ? 'missing' : { type, text }
    case 'QUICK_REPLY': {
      const payload = given?.sub_type === 'quick_reply' ? given.parameters[0]?.payload : undefined
      return { type, text, payload: payload ?? text }
    }
    case 'PHONE_NUMBER':
      return { type, text }
  }
}

function shown(value: Value): string {
  switch (value.type) {
    case 'text':
      return value.text
    case 'currency':
      return value.currency.fallback_value
    case 'date_time':
      return value.date_time.fallback_value
  }
}

function valuesOf(sent: readonly Sent[], part: 'body'): Value[] {
  return sent.flatMap((one) => (one.type === part ? one.parameters : []))
}

function textOf(template: Template, part: 'BODY' | 'FOOTER'): string {
  for (const one of template.components) if (one.type === part) return one.text
  return ''
}

function hasRepeats(sent: readonly Sent[]): boolean {
  const keys = sent.map((one) => (one.type === 'button' ? `button ${one.index}` : one.type))
  return new Set(keys).size !== keys.length
}
