/** What a customer's WhatsApp message says, by its type: one content, or two when something is written under a file. */
import { z } from 'zod'
import type { InboundContent } from '../../../domain/messages/content.ts'

const TEXT_MAX = 200_000
const LINE_MAX = 1_000

const text = z.string().transform((value) => value.slice(0, TEXT_MAX))
const line = z
  .string()
  .default('')
  .transform((value) => value.slice(0, LINE_MAX))
const File = z.object({
  id: z.string().min(1).max(LINE_MAX),
  filename: line,
  caption: z.string().default(''),
})
const Phones = z.array(z.object({ phone: z.string().optional(), wa_id: z.string().optional() })).default([])
const Shared = z.array(z.object({ name: z.object({ formatted_name: line }).optional(), phones: Phones }))
const Title = z.object({ title: text })

const says = (value: string): InboundContent[] => [{ kind: 'text', text: value }]

function file(media: 'image' | 'video' | 'audio' | 'file' | 'sticker') {
  return File.transform(({ id, filename, caption }): InboundContent[] => [
    { kind: 'media', media, name: filename, ref: id },
    ...(caption.trim() === '' ? [] : says(caption.slice(0, TEXT_MAX))),
  ])
}

/** For each type of message, what is in the field of the same name; null where nothing of it can be shown. */
const CONTENTS: Readonly<Record<string, z.ZodType<InboundContent[]>>> = {
  text: z.object({ body: text }).transform(({ body }) => says(body)),
  image: file('image'),
  video: file('video'),
  audio: file('audio'),
  document: file('file'),
  sticker: file('sticker'),
  location: z
    .object({
      name: line,
      address: line,
      latitude: z.number().min(-90).max(90),
      longitude: z.number().min(-180).max(180),
    })
    .transform(({ name, address, ...place }) => [{ kind: 'location', title: name, address, ...place }]),
  contacts: Shared.transform((contacts) => contacts.map(card).filter((row) => row !== ''))
    .refine((rows) => rows.length > 0)
    .transform((rows) => says(rows.join('\n').slice(0, TEXT_MAX))),
  button: z.object({ text }).transform((button) => says(button.text)),
  interactive: z
    .discriminatedUnion('type', [
      z.object({ type: z.literal('button_reply'), button_reply: Title }).transform((one) => one.button_reply.title),
      z.object({ type: z.literal('list_reply'), list_reply: Title }).transform((one) => one.list_reply.title),
      z
        .object({ type: z.literal('nfm_reply'), nfm_reply: z.object({ body: text }) })
        .transform((one) => one.nfm_reply.body),
    ])
    .transform(says),
}

/** @param message the whole message, of which the field named by its type is read */
export function contentsOf(type: string, message: Readonly<Record<string, unknown>>): InboundContent[] {
  const content = Object.hasOwn(CONTENTS, type) ? CONTENTS[type]?.safeParse(message[type]) : undefined
  return content?.success ? content.data : [{ kind: 'other', what: type.slice(0, 100) }]
}

function card({ name, phones }: z.infer<typeof Shared>[number]): string {
  const numbers = phones.flatMap(({ phone, wa_id }) => phone ?? (wa_id === undefined ? [] : `+${wa_id}`))
  return [name?.formatted_name ?? '', numbers.join(', ')].filter((part) => part !== '').join(' ')
}
