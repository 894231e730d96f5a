/**
 * Sends one message to a WhatsApp customer, at most once. The platform knows no key by which a repeat would be found out,
 * so a message that may have been sent is never sent again: its status, which carries our id, is waited for.
 *
 * https://developers.facebook.com/docs/whatsapp/cloud-api/reference/messages
 */
import { z } from 'zod'
import { maySendFile } from '../../../domain/messages/content.ts'
import type { Body, Time } from '../../../domain/rows.ts'
import { TryLater, Uncertain } from '../platform.ts'
import type { Outgoing, SendResult } from '../platform.ts'
import { meaningOf } from './errors.ts'
import { tryLater } from './graph.ts'
import type { Graph, Timeouts } from './graph.ts'
import { upload } from './media.ts'
import { templateObject } from './template-parameters.ts'

/** How long a status is waited for that tells the end of an attempt, in ms. */
export const STATUS_WAIT = 2 * 60 * 1_000

export type Sender = {
  graph: Graph
  phoneNumberId: string
  timeouts: Timeouts
  clock: () => Time
}

type Refused = Extract<SendResult, { ok: false }>
type Prepared = { ok: true; message: { type: string } & Record<string, unknown> } | Refused

const Accepted = z.object({ messages: z.array(z.object({ id: z.string().min(1) })).min(1) })

/** @throws TryLater, Uncertain as {@link Connection.send} */
export async function send(sender: Sender, outgoing: Outgoing): Promise<SendResult> {
  const { attempt, contact, message } = outgoing
  if (attempt.earlier) {
    const isOver = sender.clock() - attempt.earlier.begunAt >= STATUS_WAIT
    if (isOver) return no('channel.uncertain')
    throw new Uncertain('it may have been sent, and no status has told yet')
  }
  const prepared = await prepare(sender, outgoing)
  if (!prepared.ok) return prepared

  await attempt.begin()
  const answer = await sender.graph.call({
    method: 'POST',
    path: `${sender.phoneNumberId}/messages`,
    body: {
      messaging_product: 'whatsapp',
      recipient_type: 'individual',
      ...recipientOf(contact.externalId),
      biz_opaque_callback_data: message.id,
      ...prepared.message,
    },
    timeout: sender.timeouts.send,
  })
  switch (answer.state) {
    case 'ok':
      if (Accepted.safeParse(answer.body).success) return { ok: true }
      throw new Uncertain('WhatsApp answered something that is not a message’s id')
    case 'refused': {
      const { code, again } = meaningOf(answer.refusal.code)
      if (again || answer.refusal.is_transient === true) throw tryLater(answer)
      return no(code, String(answer.refusal.code))
    }
    case 'unsent':
      throw tryLater(answer)
    case 'odd':
      // A 4xx is a refusal whoever says it; anything else may have come from something behind which it was taken.
      if (answer.status >= 300 && answer.status < 500 && answer.status !== 408) throw tryLater(answer)
      throw new Uncertain(`WhatsApp answered ${answer.status} without saying what became of it`)
    case 'silent':
      throw new Uncertain('WhatsApp did not answer', { cause: answer.cause })
  }
}

/** Who it is to: digits are a phone number, which the platform wants with its plus; anything else is an id. */
export function recipientOf(externalId: string): { to: string } | { recipient: string } {
  return /^\d+$/.test(externalId) ? { to: `+${externalId}` } : { recipient: externalId }
}

function no(code: Refused['code'], platformCode: string | null = null): Refused {
  return { ok: false, code, platformCode }
}

/** The message as the platform wants it, its file uploaded. @throws TryLater */
async function prepare(sender: Sender, outgoing: Outgoing): Promise<Prepared> {
  const { body } = outgoing.message
  switch (body.kind) {
    case 'text':
      return { ok: true, message: { type: 'text', text: { body: body.text } } }
    case 'image':
    case 'file':
      return fileMessage(sender, outgoing, body)
    case 'template':
      return templateMessage(sender, outgoing, body)
    default:
      return no('channel.kind')
  }
}

async function fileMessage(
  sender: Sender,
  outgoing: Outgoing,
  body: Extract<Body, { kind: 'image' | 'file' }>,
): Promise<Prepared> {
  if (!maySendFile('whatsapp', body).allowed) return no('channel.kind')
  const uploaded = await uploadFile(sender, outgoing, body)
  if (!uploaded.ok) return uploaded
  const { id } = uploaded
  const type = mediaType(body.mime)
  return { ok: true, message: { type, [type]: type === 'document' ? { id, filename: body.name } : { id } } }
}

async function templateMessage(
  sender: Sender,
  outgoing: Outgoing,
  body: Extract<Body, { kind: 'template' }>,
): Promise<Prepared> {
  const { template, message } = outgoing
  if (!template) return no('channel.templateMissing')
  if (!template.approved) return no('channel.templatePaused')
  // Before the upload, which is in vain when the values do not fit.
  if (!templateObject(template, body, body.media && { id: '', name: '' }, message.id))
    return no('channel.templateParameters')
  const uploaded = body.media && (await uploadFile(sender, outgoing, body.media))
  if (uploaded?.ok === false) return uploaded
  const file = body.media && uploaded ? { id: uploaded.id, name: body.media.name } : null
  const content = templateObject(template, body, file, message.id)
  return content ? { ok: true, message: { type: 'template', template: content } } : no('channel.templateParameters')
}

type FileOf = { attachmentId: Parameters<Outgoing['file']>[0]; name: string; mime: string }

async function uploadFile({ graph, phoneNumberId, timeouts }: Sender, outgoing: Outgoing, file: FileOf) {
  const { bytes } = await outgoing.file(file.attachmentId).catch((cause: unknown) => {
    throw new TryLater('the bytes of the file are not to be had', { code: 'channel.media', cause })
  })
  return upload(graph, phoneNumberId, { name: file.name, mime: file.mime, bytes }, timeouts.bytes)
}

function mediaType(mime: string): 'image' | 'video' | 'audio' | 'document' {
  const [group] = mime.split('/')
  return group === 'image' || group === 'video' || group === 'audio' ? group : 'document'
}
