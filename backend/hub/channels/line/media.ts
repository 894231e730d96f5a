/**
 * The bytes of what a customer sent, from LINE's other server. Not with the library: its stream neither ends nor fails when
 * the connection breaks in the middle, but leaves a rejection that nobody can handle.
 *
 * https://developers.line.biz/en/reference/messaging-api/#get-content
 */
import { z } from 'zod'
import { TryLater } from '../platform.ts'
import type { FetchedMedia } from '../platform.ts'
import { failedFetch, refusal } from './client.ts'
import type { End, LineClient } from './client.ts'
import { tryLater } from './refusals.ts'

const WHAT = 'content'

/**
 * What the message with this id shows. It has to be read, or cancelled.
 * @throws TryLater, from the stream too
 */
export async function media(line: LineClient, messageId: string): Promise<FetchedMedia> {
  const giveUp = new Deadline(line.limits.content)
  const ended = await get(line, `/v2/bot/message/${encodeURIComponent(messageId)}/content`, giveUp)
  if (ended.end === 'refused' && [400, 404, 410].includes(ended.status)) return { state: 'gone' }
  if (ended.end !== 'done') throw tryLater(WHAT, ended)
  const { status, headers, body } = ended.value
  if (status === 202) {
    giveUp.off()
    await body?.cancel()
    if (await isBroken(line, messageId)) return { state: 'gone' }
    throw new TryLater('LINE: content: not ready yet')
  }
  const type = headers.get('content-type')?.split(';')[0]?.trim() || 'application/octet-stream'
  return { state: 'here', name: null, type, bytes: watched(body ?? new Response('').body, giveUp) }
}

/** Whether LINE could not make of a video or sound what it hands out, and never will. */
async function isBroken(line: LineClient, messageId: string): Promise<boolean> {
  const giveUp = new Deadline(line.limits.content)
  const ended = await get(line, `/v2/bot/message/${encodeURIComponent(messageId)}/content/transcoding`, giveUp)
  if (ended.end !== 'done') throw tryLater(WHAT, ended)
  try {
    const answer = z.object({ status: z.string() }).safeParse(await ended.value.json())
    return answer.success && answer.data.status === 'failed'
  } catch (error) {
    throw tryLater(WHAT, failedFetch(error))
  } finally {
    giveUp.off()
  }
}

/** Breaks a request off when nothing has come for `ms`. */
class Deadline {
  readonly #abort = new AbortController()
  readonly #ms: number
  #timer: NodeJS.Timeout | undefined
  readonly signal = this.#abort.signal

  constructor(ms: number) {
    this.#ms = ms
    this.again()
  }

  /** Something came, or is waited for anew. */
  again(): void {
    this.off()
    this.#timer = setTimeout(() => this.#abort.abort(new DOMException('', 'TimeoutError')), this.#ms)
  }

  /** Nothing is waited for. */
  off(): void {
    clearTimeout(this.#timer)
  }
}

async function get({ dataUrl, accessToken }: LineClient, path: string, giveUp: Deadline): Promise<End<Response>> {
  try {
    const response = await fetch(`${dataUrl}${path}`, {
      headers: { authorization: `Bearer ${accessToken}` },
      signal: giveUp.signal,
    })
    if (response.ok) return { end: 'done', value: response }
    const body = await response.text()
    giveUp.off()
    return refusal(response.status, response.headers, body)
  } catch (error) {
    giveUp.off()
    return failedFetch(error)
  }
}

/** The same bytes, as they are asked for; what breaks off is a {@link TryLater}. */
function watched(body: ReadableStream<Uint8Array> | null, giveUp: Deadline): ReadableStream<Uint8Array> {
  const reader = body?.getReader()
  giveUp.off()
  return new ReadableStream<Uint8Array>({
    async pull(controller) {
      giveUp.again()
      try {
        const piece = await reader?.read()
        if (piece?.value) controller.enqueue(piece.value)
        else controller.close()
      } catch (error) {
        controller.error(tryLater(WHAT, failedFetch(error)))
      } finally {
        giveUp.off()
      }
    },
    async cancel(reason) {
      await reader?.cancel(reason)
    },
  })
}
