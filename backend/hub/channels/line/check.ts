/**
 * Whether a LINE account works: its token, whether LINE reaches our address, whether it is there that LINE tells of events,
 * and what is left of the month's messages.
 */
import { z } from 'zod'
import type { CheckStep } from '../platform.ts'
import { ask } from './client.ts'
import type { End, LineClient } from './client.ts'
import { failureOf } from './refusals.ts'

const BotInfo = z.object({ displayName: z.string(), basicId: z.string() })
const Tested = z.object({ success: z.boolean().optional(), reason: z.string(), detail: z.string() })
const Endpoint = z.object({ endpoint: z.string(), active: z.boolean() })
const Quota = z.object({ type: z.string(), value: z.number().optional() })
const Used = z.object({ totalUsage: z.number() })

type Said = Pick<CheckStep, 'ok' | 'code' | 'detail'>

const DETAIL_MAX = 500

/** One step after the other; the first that fails is the last. */
export async function check({ api, limits }: LineClient, webhookUrl: string): Promise<CheckStep[]> {
  const asked = <T>(shape: z.ZodType<T>, call: () => Promise<unknown>) => ask(limits.answer, call, shape)
  const steps: Record<CheckStep['step'], () => Promise<Said>> = {
    token: async () =>
      said(await asked(BotInfo, () => api.getBotInfo()), ({ displayName, basicId }) =>
        fine(`${displayName} ${basicId}`),
      ),
    webhook: async () =>
      said(await asked(Tested, () => api.testWebhookEndpoint({ endpoint: webhookUrl })), ({ success, ...tested }) =>
        success ? fine('') : wrong(null, `${tested.reason} ${tested.detail}`.trim()),
      ),
    subscription: async () =>
      said(await asked(Endpoint, () => api.getWebhookEndpoint()), ({ endpoint, active }) =>
        isSame(endpoint, webhookUrl) && active ? fine(endpoint) : wrong(null, active ? endpoint : `active: ${active}`),
      ),
    quota: async () => {
      const quota = await asked(Quota, () => api.getMessageQuota())
      const used = await asked(Used, () => api.getMessageQuotaConsumption())
      return said(quota, ({ type, value }) =>
        said(used, ({ totalUsage }) => {
          if (type === 'none' || value === undefined) return fine(String(totalUsage))
          const detail = `${totalUsage} / ${value}`
          return totalUsage < value ? fine(detail) : wrong('channel.quota', detail)
        }),
      )
    },
  }
  const done: CheckStep[] = []
  for (const step of ['token', 'webhook', 'subscription', 'quota'] as const) {
    const { ok, code, detail } = await steps[step]()
    done.push({ step, ok, code, detail: detail.slice(0, DETAIL_MAX).toWellFormed() })
    if (!ok) break
  }
  return done
}

const fine = (detail: string): Said => ({ ok: true, code: null, detail })
const wrong = (code: Said['code'], detail: string): Said => ({ ok: false, code, detail })

function said<T>(ended: End<T>, value: (answer: T) => Said): Said {
  if (ended.end === 'done') return value(ended.value)
  if (ended.end === 'refused') return wrong(failureOf(ended) ?? 'channel.rateLimited', ended.message)
  return wrong('channel.failed', ended.why)
}

function isSame(one: string, other: string): boolean {
  const [a, b] = [URL.parse(one), URL.parse(other)]
  return a !== null && b !== null && a.href === b.href
}
