/** Who is in a conversation, in words: name, part, and what they do with it right now. */
import { useText } from '../../i18n/index.ts'
import { useReference } from '../../session/reference.ts'
import { useReasons } from '../conversation/reason.ts'
import type { MemberId } from '../../../backend/domain/ids.ts'
import type { Member } from '../../../backend/domain/rows.ts'
import type { Person, Presence } from './people.ts'

export type PeopleWords = {
  /** 「林雅婷（你）」 for the member at this window. */
  named: (id: MemberId) => string
  /** Null for who is not there, or is not known to be. */
  presence: (presence: Presence) => string | null
  /** One line: the name, and in brackets what there is to say. */
  person: (person: Person) => string
  /** The role, and the stores. */
  roleAndStores: (member: Member) => string
}

export function usePeopleWords(): PeopleWords {
  const { t } = useText()
  const { nameOf } = useReasons()
  const reference = useReference()

  const named = (id: MemberId): string =>
    id === reference.me?.id ? t('collaboration.you', { name: nameOf(id) }) : nameOf(id)
  const presence = (now: Presence): string | null => now && t(`collaboration.${now}`)
  return {
    named,
    presence,
    person({ id, part, presence: now }) {
      const what = [part === 'follower' ? t('collaboration.follower') : null, presence(now)]
      const said = what.filter((one) => one !== null)
      if (said.length === 0) return nameOf(id)
      return t('collaboration.person', { name: nameOf(id), what: said.join(t('common.listComma')) })
    },
    roleAndStores(member) {
      const stores = member.storeIds.flatMap((store) => reference.storeById.get(store)?.name ?? [])
      return [t(`common.role.${member.role}`), ...(stores.length > 0 ? [stores.join(t('common.listComma'))] : [])].join(
        '・',
      )
    },
  }
}
