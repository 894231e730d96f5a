/** Notification messages, for the window: each route passes on what the hub answers. */
import { Hono } from 'hono'
import { z } from 'zod'
import { ChannelId } from '../../domain/ids.ts'
import { KEY_NAME_MAX, SmsFields } from '../../domain/notifications/limits.ts'
import { StatisticsQuery } from '../../domain/notifications/views.ts'
import { answer, checked } from '../answer.ts'
import type { NotificationDesk } from '../hub/notifications.ts'

const KeyParam = z.object({ id: z.string().regex(/^[\w-]{1,64}$/) })
const KeyName = z.strictObject({ name: z.string().max(KEY_NAME_MAX) })
const Provider = z.strictObject({
  url: z.string().max(2_000),
  token: z
    .string()
    .regex(/^[\x21-\x7e]{1,1000}$/)
    .optional(),
  fields: SmsFields,
})
const Test = z.strictObject({ phone: z.string().max(100), text: z.string().max(2_000) })
const Choice = z.strictObject({ channelId: ChannelId.nullable() })

/** To be mounted at `/api/notifications`, behind the door. */
export function notificationRoutes(desk: NotificationDesk) {
  return new Hono()
    .get('/statistics', checked('query', StatisticsQuery), async (c) =>
      answer(c, await desk.statistics(c.req.valid('query'))),
    )
    .get('/settings', async (c) => answer(c, await desk.settings()))
    .post('/keys', checked('json', KeyName), async (c) => answer(c, await desk.makeKey(c.req.valid('json').name)))
    .post('/keys/:id/revoke', checked('param', KeyParam), async (c) =>
      answer(c, await desk.revokeKey(c.req.valid('param').id)),
    )
    .put('/sms', checked('json', Provider), async (c) => answer(c, await desk.setSms(c.req.valid('json'))))
    .delete('/sms', async (c) => answer(c, await desk.removeSms()))
    .post('/sms/test', checked('json', Test), async (c) => answer(c, await desk.testSms(c.req.valid('json'))))
    .put('/channel', checked('json', Choice), async (c) =>
      answer(c, await desk.chooseChannel(c.req.valid('json').channelId)),
    )
}
