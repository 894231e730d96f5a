/** Leaving the workstation: locking it, or signing out. What went wrong is told; the window stays as it is then. */
import { useRefusalText } from '../i18n/refusal.ts'
import { useSession } from '../session/session.ts'
import { useToast } from '../ui/toast.ts'

export function useLeaving(): { lock: () => Promise<void>; signOut: () => Promise<void> } {
  const session = useSession()
  const toast = useToast()
  const { sentence } = useRefusalText()

  async function told(answer: ReturnType<typeof session.lock>): Promise<void> {
    const done = await answer
    if (!done.ok) toast.show(sentence(done.refusal), { kind: 'bad' })
  }
  return { lock: () => told(session.lock()), signOut: () => told(session.signOut()) }
}
