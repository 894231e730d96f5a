/** The templates of a WhatsApp channel as the platform lists them. Given by the hub. */
import { z } from 'zod'
import { ChannelId } from '../ids.ts'
import { defineCommand, list, put, remove } from '../rule.ts'
import { Template } from '../rows.ts'

/** Makes the channel's templates exactly these: what the platform does not list any more goes. */
export const syncTemplates = defineCommand({
  name: 'template.sync',
  by: 'system',
  offline: 'online-only',
  args: z.strictObject({ channelId: ChannelId, templates: z.array(Template).max(5_000) }),
  *run({ channelId, templates }) {
    const before = new Map((yield* list('template', 'channelId', channelId)).map((row) => [row.id, row]))
    for (const template of templates) {
      if (template.channelId !== channelId) throw new Error('a template of another channel')
      const known = before.get(template.id)
      before.delete(template.id)
      if (JSON.stringify(known) !== JSON.stringify(template)) yield* put('template', template)
    }
    for (const id of before.keys()) yield* remove('template', id)
  },
})
