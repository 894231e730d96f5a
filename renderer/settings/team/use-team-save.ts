/** Saves what the team goes by: done when the hub has it, with what came of it told where it was begun. */
import { ref, shallowRef } from 'vue'
import type { Ref, ShallowRef } from 'vue'
import { runCommand } from '../../api/command.ts'
import { useTaken } from '../../api/taken.ts'
import type { CommandArgs } from '../../../backend/domain/commands.ts'
import type { Refusal } from '../../../backend/domain/refusal.ts'

export type TeamSave = {
  busy: Ref<boolean>
  done: Ref<boolean>
  refusal: ShallowRef<Refusal | null>
  /** Whether it was saved. */
  save(args: CommandArgs<'team.update'>): Promise<boolean>
}

export function useTeamSave(): TeamSave {
  const taken = useTaken()
  const busy = ref(false)
  const done = ref(false)
  const refusal = shallowRef<Refusal | null>(null)
  return {
    busy,
    done,
    refusal,
    async save(args) {
      if (busy.value) return false
      busy.value = true
      done.value = false
      const queued = await runCommand('team.update', args)
      const answer = queued.ok ? await taken(queued.queueId) : queued
      busy.value = false
      refusal.value = answer.ok ? null : answer.refusal
      done.value = answer.ok
      return answer.ok
    },
  }
}
