/**
 * Sends one message to a LINE user or group: as a reply while there is a token for it, which costs nothing of the month's
 * messages, or else as a push.
 *
 * A reply has no retry key; what is known of it is what its token does. LINE takes a token once, within a minute: one that
 * is refused soon after it was handed in has done its work.
 */
import type { messagingApi } from '@line/bot-sdk'
import { z } from 'zod'
import { Uncertain } from '../platform.ts'
import type { Begun, Outgoing, Outside, SendResult } from '../platform.ts'
import { ask } from './client.ts'
import type { End, LineClient } from './client.ts'
import { push, retryKeyOf } from './push.ts'
import { isReplyTokenGone, sendRefused, tryLater } from './refusals.ts'

/**
 * Up to which age of a reply token, in ms, its refusal means that it was used: LINE keeps tokens for a minute. Beyond it
 * may as well have run out.
 */
export const TOKEN_TELLS_UNTIL = 55_000

/** What LINE shows as a picture. */
const PICTURES = ['image/jpeg', 'image/png']

/** @throws TryLater when nothing was sent, {@link Uncertain} when it may have been: then the attempt has to last */
export async function send(
  line: LineClient,
  outgoing: Outgoing,
  { clock }: Pick<Outside, 'clock'>,
): Promise<SendResult> {
  const composed = compose(outgoing)
  if ('ok' in composed) return composed
  const { attempt, contact, teamId, message } = outgoing
  const pushIt = () => push(line, contact.externalId, [composed], retryKeyOf(teamId, message.id))
  if (attempt.earlier?.reply) return replyAgain(line, composed, attempt.earlier.reply, clock)
  if (attempt.earlier) return pushIt()
  const { reply: fresh } = await attempt.begin()
  if (!fresh) return pushIt()
  const ended = await reply(line, fresh.token, composed)
  switch (ended.end) {
    case 'done':
      return { ok: true }
    case 'unsent':
      throw tryLater('reply', ended)
    case 'unknown':
      throw new Uncertain(`LINE: reply: ${ended.why}`)
    case 'refused':
      if (!isReplyTokenGone(ended)) return sendRefused(ended)
      await attempt.dropReply()
      return pushIt()
  }
}

/** Hands the token in once more: LINE takes it if the earlier reply did not use it. */
async function replyAgain(
  line: LineClient,
  message: messagingApi.Message,
  { token, receivedAt }: NonNullable<Begun['reply']>,
  clock: Outside['clock'],
): Promise<SendResult> {
  const ended = await reply(line, token, message)
  if (ended.end === 'done') return { ok: true }
  if (ended.end !== 'refused') throw new Uncertain(`LINE: reply once more: ${ended.why}`)
  if (isReplyTokenGone(ended)) return clock() - receivedAt < TOKEN_TELLS_UNTIL ? { ok: true } : uncertain(ended.message)
  // That LINE refuses to look at this request tells nothing of the earlier one.
  if (ended.status === 429) throw new Uncertain('LINE: reply once more: too many requests')
  if (ended.status === 401 || ended.status === 403) return uncertain(ended.message)
  return sendRefused(ended)
}

const uncertain = (platformCode: string): SendResult => ({ ok: false, code: 'channel.uncertain', platformCode })

function reply({ api, limits }: LineClient, replyToken: string, message: messagingApi.Message): Promise<End<unknown>> {
  return ask(limits.answer, () => api.replyMessage({ replyToken, messages: [message] }), z.unknown())
}

/** The message in LINE's form, or why there is none. */
function compose({ message: { body }, pictureUrl }: Outgoing): messagingApi.Message | SendResult {
  if (body.kind === 'text') return { type: 'text', text: body.text }
  const isPicture = body.kind === 'image' || (body.kind === 'file' && PICTURES.includes(body.mime))
  if (!isPicture) return { ok: false, code: 'channel.kind', platformCode: null }
  const originalContentUrl = pictureUrl(body.attachmentId, 'original')
  const previewImageUrl = pictureUrl(body.attachmentId, 'preview')
  if (!PICTURES.includes(body.mime) || !isHttps(originalContentUrl) || !isHttps(previewImageUrl)) {
    return { ok: false, code: 'channel.media', platformCode: null }
  }
  return { type: 'image', originalContentUrl, previewImageUrl }
}

const isHttps = (url: string) => URL.parse(url)?.protocol === 'https:'
