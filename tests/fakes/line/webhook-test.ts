/** LINE's button 「Verify」: one signed call without events, and how it went. */
import { postWebhook } from '../platform/webhook.ts'
import type { LineAccount } from './account.ts'
import { ok, refused } from './outcome.ts'
import type { Outcome } from './outcome.ts'
import type { WebhookTestAnswer } from './schemas.ts'
import { WebhookBody } from './webhook-schemas.ts'

const TIMEOUT = 2_000

/** @param url instead of the account's own */
export async function testWebhook(account: LineAccount, url: string | null): Promise<Outcome> {
  if (url === null && account.webhookUrl === null) return refused(404, 'Not found')
  const { address, sign } = account.recipient(url)
  const body = WebhookBody.parse({ destination: account.userId, events: [] })
  const { status, failure } = await postWebhook(address(), JSON.stringify(body), sign, { timeoutMs: TIMEOUT })
  const success = status !== null && status >= 200 && status < 300
  return ok({
    success,
    timestamp: new Date(account.now()).toISOString(),
    statusCode: status ?? 0,
    reason: success
      ? 'OK'
      : status !== null
        ? 'ERROR_STATUS_CODE'
        : isTimeout(failure)
          ? 'REQUEST_TIMEOUT'
          : 'COULD_NOT_CONNECT',
    detail: status === null ? (failure ?? '') : String(status),
  } satisfies WebhookTestAnswer)
}

const isTimeout = (failure: string | null) => failure !== null && /timeout/i.test(failure)
