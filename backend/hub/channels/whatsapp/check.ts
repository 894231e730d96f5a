/** Whether a WhatsApp account works: its token, where its webhooks go, and whether they come at all. */
import { z } from 'zod'
import type { Failure } from '../../../domain/channels/failures.ts'
import type { CheckStep } from '../platform.ts'
import { meaningOf } from './errors.ts'
import type { Answer, Graph } from './graph.ts'

export type CheckedAccount = { phoneNumberId: string; businessAccountId: string; accessToken: string }

const PhoneNumber = z.object({ display_phone_number: z.string(), verified_name: z.string().default('') })
const Apps = z.object({
  data: z.array(
    z.object({
      whatsapp_business_api_data: z.object({ name: z.string().default('') }).default({ name: '' }),
      override_callback_uri: z.string().optional(),
    }),
  ),
})

/** @param webhookUrl where the channel's events have to come */
export async function check(graph: Graph, account: CheckedAccount, webhookUrl: string): Promise<CheckStep[]> {
  const { phoneNumberId, businessAccountId, accessToken } = account
  const number = await graph.call({
    method: 'GET',
    path: phoneNumberId,
    query: { fields: 'display_phone_number,verified_name' },
  })
  const phone = PhoneNumber.safeParse(number.state === 'ok' ? number.body : null)
  if (!phone.success) return [failed('token', number, accessToken)]
  const { display_phone_number, verified_name } = phone.data
  const detail = [verified_name, display_phone_number].filter((part) => part !== '').join(' ')
  const steps: CheckStep[] = [{ step: 'token', ok: true, code: null, detail }]

  const subscribed = await graph.call({ method: 'GET', path: `${businessAccountId}/subscribed_apps` })
  const apps = Apps.safeParse(subscribed.state === 'ok' ? subscribed.body : null)
  if (!apps.success) return [...steps, failed('subscription', subscribed, accessToken)]
  const { data } = apps.data
  // Which of them is ours the token does not tell: with none there are surely no webhooks.
  if (data.length === 0) {
    return [...steps, { step: 'subscription', ok: false, code: 'channel.unconnected', detail: businessAccountId }]
  }
  const names = data.map((app) => app.whatsapp_business_api_data.name).filter((name) => name !== '')
  steps.push({ step: 'subscription', ok: true, code: null, detail: names.join(', ') })

  // Only an address set for this account alone is told; without one the app's own holds, which only the app may see.
  const own = data.flatMap(({ override_callback_uri: uri }) => uri ?? [])
  if (own.length === 0) return steps
  const isHere = own.includes(webhookUrl)
  return [
    ...steps,
    { step: 'webhook', ok: isHere, code: isHere ? null : 'channel.unconnected', detail: own.join(', ') },
  ]
}

/** The step with the platform's own words, from which the token is taken out where they repeat it. */
function failed(step: CheckStep['step'], answer: Answer, accessToken: string): CheckStep {
  const not = (code: Failure, detail: string): CheckStep => ({ step, ok: false, code, detail })
  switch (answer.state) {
    case 'refused': {
      const { code, message } = answer.refusal
      return not(meaningOf(code).code, message.replaceAll(accessToken, '…').slice(0, 500))
    }
    case 'odd':
      return not('channel.failed', `HTTP ${answer.status}`)
    case 'ok':
    case 'unsent':
    case 'silent':
      return not('channel.failed', '')
  }
}
