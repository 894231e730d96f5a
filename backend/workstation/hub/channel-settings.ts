/** Channels and their accounts, as admins set them: asked of the hub at once, and never kept on the device. */
import type { z } from 'zod'
import type { ChannelId } from '../../domain/ids.ts'
import { ChannelCheck, ChannelView, ChannelViews, TemplateRefresh } from '../../sync/channel-settings.ts'
import type { AccountFields, ChannelAdd, ChannelChange } from '../../sync/channel-settings.ts'
import type { Result } from '../service.ts'
import type { HubRequest } from './client.ts'

/** Every function answers `request.offline` while the hub is out of reach, and what the hub refuses otherwise. */
export interface ChannelSettings {
  all(): Promise<Result<z.infer<typeof ChannelViews>>>
  add(channel: ChannelAdd): Promise<Result<ChannelView>>
  change(id: ChannelId, change: ChannelChange): Promise<Result<ChannelView>>
  connect(id: ChannelId, fields: AccountFields): Promise<Result<ChannelView>>
  disconnect(id: ChannelId): Promise<Result<ChannelView>>
  check(id: ChannelId): Promise<Result<ChannelCheck>>
  readTemplates(id: ChannelId): Promise<Result<TemplateRefresh>>
}

/** @param ask asks the hub for the member who is here */
export function channelSettings(
  ask: <T>(schema: z.ZodType<T>, request: HubRequest) => Promise<Result<T>>,
): ChannelSettings {
  return {
    all: () => ask(ChannelViews, { method: 'GET', path: '/channels/settings' }),
    add: (body) => ask(ChannelView, { method: 'POST', path: '/channels', body }),
    change: (id, body) => ask(ChannelView, { method: 'PATCH', path: `/channels/${id}`, body }),
    connect: (id, body) => ask(ChannelView, { method: 'PUT', path: `/channels/${id}/account`, body }),
    disconnect: (id) => ask(ChannelView, { method: 'DELETE', path: `/channels/${id}/account` }),
    check: (id) => ask(ChannelCheck, { method: 'POST', path: `/channels/${id}/check`, isLong: true }),
    readTemplates: (id) => ask(TemplateRefresh, { method: 'POST', path: `/channels/${id}/templates`, isLong: true }),
  }
}
