/** Takes back what was sent by 發送 and has not left (REP-6): by its button, or by Ctrl/⌘-Z while it stands. */
import { api, call } from '../../api/client.ts'
import { useShortcuts } from '../../keys/keys.ts'
import { useToast } from '../../ui/toast.ts'
import { useReasons } from '../conversation/reason.ts'
import type { Departing } from '../../../backend/workstation/views.ts'

/**
 * @param departing what stands in the thread now, oldest first; the key takes the newest.
 * @param done called when nothing of it is left to take back, whether it was taken back or had just left.
 */
export function useTakingBack(departing: () => readonly Departing[], done: () => void): (id: string) => Promise<void> {
  const { show } = useToast()
  const { reason } = useReasons()

  async function takeBack(id: string): Promise<void> {
    const answer = await call(api.api.departing[':id'].$delete({ param: { id } }))
    // What has just left is in the thread as sent: that says it all.
    if (!answer.ok && answer.refusal.code !== 'request.notFound') show(reason(answer.refusal), { kind: 'bad' })
    done()
  }
  useShortcuts(
    {
      'ctrl+z': {
        label: 'replies.departing.takeBack',
        when: () => departing().length > 0,
        run: () => {
          const last = departing().at(-1)
          if (last) void takeBack(last.id)
        },
      },
    },
    { scope: 'thread' },
  )
  return takeBack
}
