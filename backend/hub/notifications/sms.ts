/**
 * SMS through whichever provider the team has: one `POST` of JSON with a bearer token. The reference is the notification's
 * id, by which the provider sends a message once however often it is asked.
 */
import { failedFetch } from '../channels/line/client.ts'
import type { Outcome } from './course.ts'
import { localDigits } from './phone.ts'

export type SmsProvider = { url: string; token: string; fields: Readonly<Record<string, string>> }
export type Sms = { to: string; text: string; reference: string }

/** How long a provider may take, in ms. */
export const SMS_TIMEOUT = 15_000
const LOOPBACK = new Set(['127.0.0.1', '[::1]', 'localhost'])

/** Whether texts and numbers may go there: over TLS, or to a gateway on the hub's own machine. */
export function isSmsAddress(address: string): boolean {
  const url = URL.parse(address)
  if (!url || url.username || url.password || url.hash) return false
  return url.protocol === 'https:' || (url.protocol === 'http:' && LOOPBACK.has(url.hostname))
}

/** Asks the provider once. Never throws; what it answers is not kept but for its status. */
export async function sendSms(
  { url, token, fields }: SmsProvider,
  sms: Sms,
  timeout = SMS_TIMEOUT,
): Promise<Outcome & { status?: number }> {
  try {
    const response = await fetch(url, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body: JSON.stringify(filled(fields, sms)),
      redirect: 'manual',
      signal: AbortSignal.timeout(timeout),
    })
    const { status } = response
    await response.body?.cancel()
    return { ...meaning(status), status }
  } catch (error) {
    const { end, why } = failedFetch(error)
    return { type: 'later', code: 'sms.failed', platformCode: why, maybe: end === 'unknown', pause: 0 }
  }
}

function meaning(status: number): Outcome {
  const platformCode = `HTTP ${status}`
  if (status >= 200 && status < 300) return { type: 'accepted' }
  if (status === 425 || status === 429)
    return { type: 'later', code: 'sms.failed', platformCode, maybe: false, pause: 0 }
  if (status >= 500 || status === 408) return { type: 'later', code: 'sms.failed', platformCode, maybe: true, pause: 0 }
  return { type: 'refused', code: 'sms.rejected', platformCode }
}

/** Each placeholder once: what stands in a text is not looked at. */
function filled(fields: SmsProvider['fields'], { to, text, reference }: Sms): Record<string, string> {
  const values: Readonly<Record<string, string>> = { to, text, reference, local: localDigits(to) }
  const fill = (value: string) =>
    value.replaceAll(/\{(to|text|reference|local)\}/g, (whole, name: string) => values[name] ?? whole)
  return Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, fill(value)]))
}
