/** The templates of a WhatsApp business account, read from the platform's form into the one that is shown and filled in. */
import { createHash } from 'node:crypto'
import { z } from 'zod'
import { TemplateId } from '../../../domain/ids.ts'
import type { ChannelId } from '../../../domain/ids.ts'
import type { Template } from '../../../domain/rows.ts'
import type { TemplateComponents } from '../../../domain/templates/components.ts'
import { TryLater } from '../platform.ts'
import { bodyOf } from './graph.ts'
import type { Graph } from './graph.ts'

const PAGE = 100
/** Beyond what an account may have (6,000 with all translations): a platform that never ends is not followed for ever. */
const PAGES_MAX = 100
/** As many as the rule for them takes. */
const TEMPLATES_MAX = 5_000

const Page = z.object({
  data: z.array(z.unknown()),
  paging: z.object({ cursors: z.object({ after: z.string() }).optional(), next: z.string().optional() }).optional(),
})
const Listed = z.object({
  name: z.string().min(1),
  language: z.string().min(1),
  status: z.string(),
  category: z.string().default(''),
  components: z.array(z.unknown()).default([]),
})

const text = z.string().default('')
const Component = z.discriminatedUnion('type', [
  z.object({ type: z.literal('HEADER'), format: z.enum(['TEXT', 'IMAGE', 'VIDEO', 'DOCUMENT', 'LOCATION']), text }),
  z.object({ type: z.literal('BODY'), text: z.string() }),
  z.object({ type: z.literal('FOOTER'), text }),
  z.object({ type: z.literal('BUTTONS'), buttons: z.array(z.unknown()) }),
])
const Button = z.discriminatedUnion('type', [
  z.object({ type: z.literal('URL'), text, url: z.string() }),
  z.object({ type: z.literal('COPY_CODE'), text }),
  z.object({ type: z.literal('FLOW'), text }),
  z.object({ type: z.literal('QUICK_REPLY'), text }),
  z.object({ type: z.literal('PHONE_NUMBER'), text }),
])

/** Every template of the account; approved first where there are more than can be kept. @throws TryLater */
export async function listTemplates(graph: Graph, account: string, channelId: ChannelId): Promise<Template[]> {
  const rows: Template[] = []
  let after: string | null = null
  for (let page = 0; page < PAGES_MAX; page += 1) {
    const answer = await graph.call({
      method: 'GET',
      path: `${account}/message_templates`,
      query: {
        fields: 'name,language,status,category,components',
        limit: String(PAGE),
        ...(after !== null && { after }),
      },
    })
    const read = Page.safeParse(bodyOf(answer))
    if (!read.success) throw new TryLater('WhatsApp lists templates in an unknown form', { cause: read.error })
    const { data, paging } = read.data
    rows.push(...data.flatMap((one) => rowOf(one, account, channelId) ?? []))
    // Its `next` is an address with the token in it; the cursor is enough.
    after = paging?.next === undefined ? null : (paging.cursors?.after ?? null)
    if (after === null) break
  }
  const byId = new Map(rows.map((row) => [row.id, row]))
  return [...byId.values()].sort((a, b) => Number(b.approved) - Number(a.approved)).slice(0, TEMPLATES_MAX)
}

/** null for what has no name or language: that can never be sent. */
function rowOf(listed: unknown, account: string, channelId: ChannelId): Template | null {
  const read = Listed.safeParse(listed)
  if (!read.success) return null
  const { name, language, status, category, components } = read.data
  const reduced = reduce(components)
  return {
    id: templateId(channelId, account, name, language),
    channelId,
    name,
    language,
    category: categoryOf(category),
    approved: status === 'APPROVED' && reduced.isWhole,
    components: reduced.components,
  }
}

/**
 * The same for the same template at each reading, whatever id the platform gives it. The channel is part of it, since two
 * numbers of one business account have the same templates.
 */
function templateId(channelId: ChannelId, account: string, name: string, language: string): TemplateId {
  const parts = JSON.stringify([channelId, account, name, language])
  return TemplateId.parse(createHash('sha256').update(parts).digest('base64url').slice(0, 22))
}

function categoryOf(category: string): Template['category'] {
  switch (category) {
    case 'MARKETING':
      return 'marketing'
    case 'UTILITY':
      return 'utility'
    case 'AUTHENTICATION':
      return 'authentication'
    default:
      return 'other'
  }
}

/** `isWhole`: nothing of it was left out, so that it can be sent from what is kept. */
function reduce(listed: unknown[]): { components: TemplateComponents; isWhole: boolean } {
  const components: TemplateComponents = { header: null, body: '', footer: '', buttons: [] }
  let isWhole = true
  for (const one of listed) {
    const component = Component.safeParse(one)
    if (!component.success) {
      isWhole = false
      continue
    }
    switch (component.data.type) {
      case 'HEADER':
        components.header = headerOf(component.data)
        break
      case 'BODY':
        components.body = component.data.text
        break
      case 'FOOTER':
        components.footer = component.data.text
        break
      case 'BUTTONS': {
        const buttons = component.data.buttons.map((button) => buttonOf(button))
        // With one left out the places of the others would not be the platform's any more.
        components.buttons = buttons.filter((button) => button !== null)
        if (components.buttons.length < buttons.length) isWhole = false
        break
      }
    }
  }
  return { components, isWhole: isWhole && components.body !== '' }
}

type Header = Extract<z.infer<typeof Component>, { type: 'HEADER' }>

function headerOf(header: Header): TemplateComponents['header'] {
  switch (header.format) {
    case 'TEXT':
      return { kind: 'text', text: header.text }
    case 'IMAGE':
      return { kind: 'media', media: 'image' }
    case 'VIDEO':
      return { kind: 'media', media: 'video' }
    case 'DOCUMENT':
      return { kind: 'media', media: 'document' }
    case 'LOCATION':
      return { kind: 'location' }
  }
}

function buttonOf(listed: unknown): TemplateComponents['buttons'][number] | null {
  const button = Button.safeParse(listed)
  if (!button.success) return null
  switch (button.data.type) {
    case 'URL':
      return { kind: 'url', text: button.data.text, url: button.data.url }
    case 'COPY_CODE':
      return { kind: 'copyCode', text: button.data.text }
    case 'FLOW':
      return { kind: 'flow', text: button.data.text }
    case 'QUICK_REPLY':
      return { kind: 'quickReply', text: button.data.text }
    case 'PHONE_NUMBER':
      return { kind: 'phone', text: button.data.text }
  }
}
