/** 刪除對話 and 加入黑名單 as entries of a conversation's menus. */
import { Trash2, UserX } from '@lucide/vue'
import { useText } from '../../i18n/index.ts'
import { useReference } from '../../session/reference.ts'
import { useSession } from '../../session/session.ts'
import { useReasons } from '../conversation/reason.ts'
import type { ActedOn } from '../conversation/use-actions.ts'
import type { MenuEntry } from '../list/RowMenu.vue'
import { ERASE_ACTIONS, useErasing, verdictOnErasing } from './erasing.ts'

const ICONS = { delete: Trash2, blacklist: UserX }

export function useEraseEntries(): (on: ActedOn) => MenuEntry[] {
  const { t } = useText()
  const { reasonAgainst } = useReasons()
  const reference = useReference()
  const session = useSession()
  const erasing = useErasing()
  return (on) => {
    const { me, moment } = reference
    if (!me || !moment) return []
    return ERASE_ACTIONS.map((action) => ({
      id: action,
      label: t(`batch.erase.menu.${action}`),
      icon: ICONS[action],
      danger: true,
      reason: reasonAgainst(verdictOnErasing(action, on.conversation, me, moment, session.online)),
      run: () => erasing.ask(action, on),
    }))
  }
}
