/**
 * Files to and from WhatsApp: ours are uploaded before a message names them, a customer's are fetched by the id that the
 * webhook told.
 *
 * https://developers.facebook.com/docs/whatsapp/cloud-api/reference/media
 */
import { z } from 'zod'
import { TryLater } from '../platform.ts'
import type { FetchedMedia, Outgoing, SendResult } from '../platform.ts'
import { meaningOf } from './errors.ts'
import { tryLater } from './graph.ts'
import type { Graph } from './graph.ts'

type SentFile = Awaited<ReturnType<Outgoing['file']>>

const Uploaded = z.object({ id: z.string().min(1) })
const Found = z.object({ url: z.url(), mime_type: z.string().min(1) })

/** What the platform says of an id that it does not have, or not any more. */
const UNKNOWN = new Set([33, 100, 131052])
const MISSING = new Set([404, 410])

/**
 * Hands a file over; nothing of it is seen until a message names it, so that it may be done twice.
 * @returns the platform's id, or why it will never take the file
 * @throws TryLater
 */
export async function upload(
  graph: Graph,
  phoneNumberId: string,
  { name, mime, bytes }: Pick<SentFile, 'name' | 'mime' | 'bytes'>,
  timeout: number,
): Promise<{ ok: true; id: string } | Extract<SendResult, { ok: false }>> {
  const body = new FormData()
  body.set('messaging_product', 'whatsapp')
  body.set('type', mime)
  body.set('file', new File([bytes], name, { type: mime }))
  const answer = await graph.call({ method: 'POST', path: `${phoneNumberId}/media`, body, timeout })
  if (answer.state === 'ok') {
    const uploaded = Uploaded.safeParse(answer.body)
    if (uploaded.success) return { ok: true, id: uploaded.data.id }
    throw new TryLater('WhatsApp took a file but gave it no id', { cause: uploaded.error })
  }
  if (answer.state === 'refused' && answer.refusal.is_transient !== true) {
    const { code, again } = meaningOf(answer.refusal.code)
    const platformCode = String(answer.refusal.code)
    if (!again) return { ok: false, code: code === 'channel.rejected' ? 'channel.media' : code, platformCode }
  }
  throw tryLater(answer)
}

/** The bytes of a customer's file. @throws TryLater */
export async function fetchMedia(graph: Graph, phoneNumberId: string, ref: string): Promise<FetchedMedia> {
  const path = encodeURIComponent(ref)
  const answer = await graph.call({ method: 'GET', path, query: { phone_number_id: phoneNumberId } })
  if (answer.state === 'refused' && UNKNOWN.has(answer.refusal.code)) return { state: 'gone' }
  if (answer.state === 'odd' && MISSING.has(answer.status)) return { state: 'gone' }
  if (answer.state !== 'ok') throw tryLater(answer)
  const found = Found.safeParse(answer.body)
  if (!found.success) throw new TryLater('WhatsApp tells of a file in an unknown form', { cause: found.error })

  const file = await graph.open(found.data.url).catch((cause: unknown) => {
    throw cause instanceof TryLater ? cause : new TryLater('WhatsApp did not give a file', { cause })
  })
  if (file.ok && file.body) {
    return { state: 'here', name: null, type: found.data.mime_type, bytes: file.body }
  }
  await file.body?.cancel()
  if (MISSING.has(file.status)) return { state: 'gone' }
  throw new TryLater(`WhatsApp answered ${file.status} for a file`)
}
