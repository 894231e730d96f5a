/** How far a message has come, as the channel reports it (CNV-10). */
import { z } from 'zod'
import { MessageId } from '../ids.ts'
import { defineCommand, get, put } from '../rule.ts'
import { DELIVERY_STATES, Delivery } from '../rows.ts'

/** Moves messages forward; what would be a step back, or is about a message that is gone, changes nothing. */
export const progressMessage = defineCommand({
  name: 'message.progress',
  by: 'system',
  offline: 'online-only',
  args: z.strictObject({ messageIds: z.array(MessageId).min(1).max(200), delivery: Delivery }),
  *run({ messageIds, delivery }) {
    for (const id of messageIds) {
      const message = yield* get('message', id)
      if (message?.delivery && isForward(message.delivery, delivery)) yield* put('message', { ...message, delivery })
    }
  },
})

function isForward(from: Delivery, to: Delivery): boolean {
  // A failure can only strike what the customer does not have yet; a late success overrules a failure.
  if (to.state === 'failed') return from.state === 'sending' || from.state === 'sent'
  if (from.state === 'failed') return to.state !== 'sending'
  return DELIVERY_STATES.indexOf(to.state) > DELIVERY_STATES.indexOf(from.state)
}
