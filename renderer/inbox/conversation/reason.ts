/** Refusals beside a control, with people by their names: the rules know them by id only. */
import type { Refusal } from '../../../backend/domain/refusal.ts'
import type { Verdict } from '../../../backend/domain/refusal.ts'
import type { MemberId } from '../../../backend/domain/ids.ts'
import { useRefusalText } from '../../i18n/refusal.ts'
import { useText } from '../../i18n/index.ts'
import { useReference } from '../../session/reference.ts'

export type Reasons = {
  /** The whole text of a refusal. */
  reason: (refusal: Refusal) => string
  /** The text for a disabled control; null when it is allowed. */
  reasonAgainst: (verdict: Verdict | null) => string | null
  nameOf: (id: MemberId | null) => string
}

export function useReasons(): Reasons {
  const reference = useReference()
  const { t } = useText()
  const { sentence } = useRefusalText()

  function nameOf(id: string | null): string {
    for (const member of reference.members) if (member.id === id) return member.name
    return t('common.unknownMember')
  }
  function reasonAgainst(verdict: Verdict | null): string | null {
    return verdict === null || verdict.allowed ? null : sentence(verdict.refusal)
  }
  return { reason: sentence, reasonAgainst, nameOf }
}
