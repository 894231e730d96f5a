/** Signed calls of LINE's webhook, made before anything is measured: customers who write, each event and message new. */
import { createHmac } from 'node:crypto'
import { contentOf, envelope, sourceOf } from '../../fakes/line/events.ts'
import { newReplyToken, newToken, newUserId } from '../../fakes/line/ids.ts'
import { People } from '../../fakes/line/people.ts'
import type { User } from '../../fakes/line/people.ts'
import { WebhookBody } from '../../fakes/line/webhook-schemas.ts'

export const LINE_ACCOUNT = {
  channelId: '2000000001',
  channelSecret: 'a-secret-of-the-channel',
  accessToken: 'a-token',
}
const TEXT = '不好意思，想請問一下日常陶杯的霧灰色什麼時候會再到貨呢？謝謝！'
const account = newUserId()

/** Friends of the account. */
export function peopleOf(count: number): User[] {
  const people = new People()
  return Array.from({ length: count }, (_, n) => people.addUser({ name: `Customer ${n}`, isFriend: true }))
}

/**
 * Whole HTTP requests, ready to be written to a socket.
 * @param each how many events are in one call
 */
export function makeCalls(url: URL, people: readonly User[], calls: number, each: number): Buffer[] {
  let at = 0
  return Array.from({ length: calls }, () => {
    const events = Array.from({ length: each }, () => eventBy(people[at++ % people.length] ?? null))
    const body = Buffer.from(JSON.stringify(WebhookBody.parse({ destination: account, events })))
    const head = [
      `POST ${url.pathname} HTTP/1.1`,
      `host: ${url.host}`,
      'content-type: application/json; charset=utf-8',
      `x-line-signature: ${createHmac('sha256', LINE_ACCOUNT.channelSecret).update(body).digest('base64')}`,
      `content-length: ${body.length}`,
    ]
    return Buffer.concat([Buffer.from(`${head.join('\r\n')}\r\n\r\n`), body])
  })
}

function eventBy(user: User | null) {
  const made = { quotes: undefined, newQuoteToken: newToken, account }
  const { content } = contentOf({ type: 'text', text: TEXT }, made)
  return {
    type: 'message',
    ...envelope(Date.now()),
    source: sourceOf(user, null),
    replyToken: newReplyToken(),
    message: content,
  }
}
