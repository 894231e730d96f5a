/** The settings of channels, for the window: each route passes on what the hub answers. */
import { Hono } from 'hono'
import { z } from 'zod'
import { ChannelId } from '../../domain/ids.ts'
import { AccountFields, ChannelAdd, ChannelChange } from '../../sync/channel-settings.ts'
import { answer, checked } from '../answer.ts'
import type { ChannelSettings } from '../hub/channel-settings.ts'

const Param = z.object({ id: ChannelId })

/** To be mounted at `/api/channels`, behind the door. */
export function channelRoutes(channels: ChannelSettings) {
  return new Hono()
    .get('/', async (c) => answer(c, await channels.all()))
    .post('/', checked('json', ChannelAdd), async (c) => answer(c, await channels.add(c.req.valid('json'))))
    .patch('/:id', checked('param', Param), checked('json', ChannelChange), async (c) =>
      answer(c, await channels.change(c.req.valid('param').id, c.req.valid('json'))),
    )
    .put('/:id/account', checked('param', Param), checked('json', AccountFields), async (c) =>
      answer(c, await channels.connect(c.req.valid('param').id, c.req.valid('json'))),
    )
    .delete('/:id/account', checked('param', Param), async (c) =>
      answer(c, await channels.disconnect(c.req.valid('param').id)),
    )
    .post('/:id/check', checked('param', Param), async (c) => answer(c, await channels.check(c.req.valid('param').id)))
    .post('/:id/templates', checked('param', Param), async (c) =>
      answer(c, await channels.readTemplates(c.req.valid('param').id)),
    )
}
