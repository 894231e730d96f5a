/** Why a list is empty for good: the role does not see what belongs there (ROL-1). */
import { SIGHT } from '../../../backend/domain/visibility.ts'
import type { ListName } from '../../../backend/domain/lists.ts'
import type { Role } from '../../../backend/domain/rows.ts'

/** What the role sees instead of this list; null when the list's conversations are within its sight. */
export function sightBeyond(list: ListName, role: Role): 'none' | 'own' | 'pending' | 'stores' | null {
  const sight = SIGHT[role]
  const isPending = list === 'pending_person' || list === 'pending_bot'
  const isTeams = list === 'open_team' || list === 'closed_team'
  switch (sight) {
    case 'all':
      return null
    case 'none':
      return 'none'
    case 'own':
      return isPending || isTeams ? 'own' : null
    case 'stores':
      return isPending ? 'stores' : null
    case 'pending':
      return isTeams ? 'pending' : null
  }
}
