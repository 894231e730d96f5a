/** Whether a team has notification messages in its plan (ROL-5). */
import type { TeamId } from '../../domain/ids.ts'
import type { Refusal } from '../../domain/refusal.ts'
import { hasModule } from '../../domain/team/team.ts'
import { readAll } from '../store/rows.ts'
import type { Asker } from '../store/together.ts'

/** The refusal for a team without the module; null when it has it. */
export async function moduleMissing(asker: Asker, teamId: TeamId): Promise<Refusal | null> {
  const [team] = await readAll(asker, teamId, 'team')
  const verdict = hasModule({ modules: team?.modules ?? [] }, 'lineNotifications')
  return verdict.allowed ? null : verdict.refusal
}
