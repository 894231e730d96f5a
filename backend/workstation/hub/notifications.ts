/** What members see and admins set up of notification messages: asked of the hub each time, and kept nowhere on the device. */
import { z } from 'zod'
import { MadeKey, NotificationSettings, Statistics } from '../../domain/notifications/views.ts'
import type { StatisticsQuery } from '../../domain/notifications/views.ts'
import type { ChannelId } from '../../domain/ids.ts'
import type { Result } from '../service.ts'
import type { HubRequest } from './client.ts'

export type SmsProviderGiven = { url: string; token?: string | undefined; fields: Record<string, string> }

export interface NotificationDesk {
  statistics(query: StatisticsQuery): Promise<Result<Statistics>>
  settings(): Promise<Result<NotificationSettings>>
  makeKey(name: string): Promise<Result<MadeKey>>
  revokeKey(id: string): Promise<Result<Done>>
  setSms(provider: SmsProviderGiven): Promise<Result<Done>>
  removeSms(): Promise<Result<Done>>
  testSms(test: { phone: string; text: string }): Promise<Result<Done>>
  chooseChannel(channelId: ChannelId | null): Promise<Result<Done>>
}

const Done = z.strictObject({})
type Done = z.infer<typeof Done>

/** @param ask asks the hub for whoever is at the workstation */
export function notificationDesk(
  ask: <T>(schema: z.ZodType<T>, request: HubRequest) => Promise<Result<T>>,
): NotificationDesk {
  const at = (path: string) => `/notifications/${path}`
  return {
    statistics({ from, to, channelId }) {
      const query = new URLSearchParams({ from, to, ...(channelId ? { channelId } : {}) })
      return ask(Statistics, { method: 'GET', path: at(`statistics?${query}`) })
    },
    settings: () => ask(NotificationSettings, { method: 'GET', path: at('settings') }),
    makeKey: (name) => ask(MadeKey, { method: 'POST', path: at('keys'), body: { name } }),
    revokeKey: (id) => ask(Done, { method: 'POST', path: at(`keys/${id}/revoke`) }),
    setSms: (body) => ask(Done, { method: 'PUT', path: at('sms'), body }),
    removeSms: () => ask(Done, { method: 'DELETE', path: at('sms') }),
    testSms: (body) => ask(Done, { method: 'POST', path: at('sms/test'), body, isLong: true }),
    chooseChannel: (channelId) => ask(Done, { method: 'PUT', path: at('channel'), body: { channelId } }),
  }
}
