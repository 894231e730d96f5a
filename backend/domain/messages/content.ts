/** What a member or a customer may put in a message, checked and cleaned at the edge of the rules. */
import { z } from 'zod'
import { ATTACHMENT_MAX, FILE_TYPES, IMAGE_TYPES } from '../attachments.ts'
import { CAPABILITIES } from '../channels/capabilities.ts'
import { AttachmentId, TemplateId } from '../ids.ts'
import { ALLOWED, refuse, refused } from '../refusal.ts'
import type { Verdict } from '../refusal.ts'
import { allow, get, reject } from '../rule.ts'
import type { Rule } from '../rule.ts'
import { MEDIA } from '../rows.ts'
import type { Body, Channel, ChannelKind } from '../rows.ts'
import { VALUE_MAX, checkValues, filledText } from '../templates/template.ts'
import { MESSAGE_TEXT_MAX, cleanName, cleanText } from '../text.ts'

/** Customers of other platforms may write longer texts than can be written to them, in UTF-16 units; the rest is cut off. */
const INBOUND_TEXT_MAX = 20_000
/** Loose in length, so that a text that is too long is refused with a code instead of as a malformed request. */
const Text = z.string().max(200_000)
const attachment = {
  attachmentId: AttachmentId,
  name: z.string().min(1).max(255),
  size: z.number().int().positive().max(ATTACHMENT_MAX),
}

const TextContent = z.strictObject({ kind: z.literal('text'), text: Text })
const ImageContent = z.strictObject({
  kind: z.literal('image'),
  ...attachment,
  mime: z.enum(IMAGE_TYPES),
  width: z.number().int().positive().max(100_000),
  height: z.number().int().positive().max(100_000),
})
const FileContent = z.strictObject({ kind: z.literal('file'), ...attachment, mime: z.enum(FILE_TYPES) })

/** A picture or file whose bytes the hub has. */
export const StoredContent = z.discriminatedUnion('kind', [ImageContent, FileContent])
export type StoredContent = z.infer<typeof StoredContent>

/** What a member can send to a customer. */
export const Content = z.discriminatedUnion('kind', [
  TextContent,
  ImageContent,
  FileContent,
  z.strictObject({
    kind: z.literal('template'),
    templateId: TemplateId,
    /** By placeholder, see `templates/template.ts`. */
    values: z.record(z.string().max(100), z.string().max(VALUE_MAX)),
    media: z.strictObject({ ...attachment, mime: z.enum(FILE_TYPES) }).nullable(),
  }),
])
export type Content = z.infer<typeof Content>

/** What a customer can send. */
export const InboundContent = z.discriminatedUnion('kind', [
  TextContent,
  ImageContent,
  FileContent,
  /** Bytes that the platform has: `ref` is by what they are fetched, and stays with the hub. */
  z.strictObject({
    kind: z.literal('media'),
    media: z.enum(MEDIA),
    name: z.string().max(1_000),
    ref: z.string().min(1).max(1_000),
  }),
  z.strictObject({ kind: z.literal('sticker'), label: z.string().max(1_000) }),
  z.strictObject({
    kind: z.literal('location'),
    title: z.string().max(1_000),
    address: z.string().max(1_000),
    latitude: z.number().min(-90).max(90),
    longitude: z.number().min(-180).max(180),
  }),
  z.strictObject({ kind: z.literal('other'), what: z.string().min(1).max(100) }),
])
export type InboundContent = z.infer<typeof InboundContent>
export const NoteText = Text

/** The text as it is stored. Refuses an empty one and one over the limit; the whole text stays with who typed it. */
export function* checkText(text: string, max = MESSAGE_TEXT_MAX): Rule<string> {
  const clean = cleanText(text)
  if (clean.trim() === '') return yield* reject(refuse('text.empty', {}))
  if (clean.length > max) {
    return yield* reject(refuse('text.tooLong', { length: clean.length, max }, { instead: 'shorten' }))
  }
  return clean
}

/** Whether a channel of this kind takes such a file at all, and of this size. */
export function maySendFile(kind: ChannelKind, file: { name: string; mime: string; size: number }): Verdict {
  const { files } = CAPABILITIES[kind]
  const { name, mime, size } = file
  const max = Object.entries(files).find(([type]) => type === mime)?.[1]
  if (max === undefined) {
    return refused(refuse('channel.fileKind', { name, mime, channel: kind }, { instead: 'choose-other' }))
  }
  if (size > max) return refused(refuse('attachment.tooLarge', { name, max }, { instead: 'choose-other' }))
  return ALLOWED
}

/** What a member sends, as it is stored, checked against what the channel takes. */
export function* checkContent(content: Content, channel: Channel): Rule<Body> {
  switch (content.kind) {
    case 'text':
      return { kind: 'text', text: yield* checkText(content.text, CAPABILITIES[channel.kind].textMax) }
    case 'image':
    case 'file':
      yield* allow(maySendFile(channel.kind, content))
      return { ...content, name: cleanName(content.name) || 'file' }
    case 'template': {
      const template = yield* get('template', content.templateId)
      if (template?.channelId !== channel.id) {
        return yield* reject(refuse('template.changed', { name: template?.name ?? '' }))
      }
      const { values, media } = content
      yield* checkValues(template, values, media)
      if (media) yield* allow(maySendFile(channel.kind, media))
      const { id: templateId, name, language } = template
      return { kind: 'template', templateId, name, language, text: filledText(template, values), values, media }
    }
  }
}

/**
 * What a customer sent, as it is stored. On our own page a text can be refused, and the customer told why; what another
 * platform has taken already is kept, whatever it is.
 */
export function* checkInbound(content: InboundContent, kind: ChannelKind): Rule<Body> {
  switch (content.kind) {
    case 'text': {
      if (kind === 'webchat') return { kind: 'text', text: yield* checkText(content.text) }
      const text = cleanText(content.text).slice(0, INBOUND_TEXT_MAX).toWellFormed()
      return text.trim() === '' ? { kind: 'other', what: 'text' } : { kind: 'text', text }
    }
    case 'image':
    case 'file':
      return { ...content, name: cleanName(content.name) || 'file' }
    case 'media':
      return { kind: 'media', media: content.media, name: cleanName(content.name), state: 'fetching' }
    case 'sticker':
      return { kind: 'sticker', label: cleanName(content.label) }
    case 'location': {
      const { title, address, latitude, longitude } = content
      return { kind: 'location', title: cleanName(title), address: cleanName(address), latitude, longitude }
    }
    case 'other':
      return content
  }
}
