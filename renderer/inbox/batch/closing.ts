/** Closing several, which can be undone for as long as its toast stays. */
import { useText } from '../../i18n/index.ts'
import { useToast } from '../../ui/toast.ts'
import { changeState } from '../conversation/actions.ts'
import { useReasons } from '../conversation/reason.ts'
import { useBatches } from './batches.ts'
import type { BatchItem } from './course.ts'

type Chosen = readonly Pick<BatchItem, 'id' | 'name'>[]

export function useBatchClosing(): { close(chosen: Chosen): Promise<void> } {
  const { t } = useText()
  const { show } = useToast()
  const { reason } = useReasons()
  const batches = useBatches()

  async function reopen(closed: readonly BatchItem[]): Promise<void> {
    let reopened = 0
    for (const { id } of closed) {
      const answer = await changeState('reopen', id)
      if (answer.ok) reopened += 1
      else if (closed.length === 1) return void show(reason(answer.refusal), { kind: 'bad' })
    }
    show(t('batch.reopened', {}, reopened))
    const rest = closed.length - reopened
    if (rest > 0) show(t('batch.notReopened', {}, rest), { kind: 'bad' })
  }

  return {
    async close(chosen) {
      const { items } = await batches.begin({ action: 'close' }, chosen)
      const closed = items.filter(({ state }) => state === 'done')
      if (closed.length > 0) show(t('batch.closed', {}, closed.length), { undo: () => void reopen(closed) })
    },
  }
}
