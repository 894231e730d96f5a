/**
 * What each process has acknowledged, written down by who asked for it: the other side of every comparison. It is kept
 * outside of all that is killed.
 */
import { fingerprint } from '../../../backend/sync/fingerprint.ts'
import type { CommandArgs, MemberCommandName } from '../../../backend/domain/commands.ts'

/** One action of a member, in the order in which they did them. */
export type Deed = {
  name: MemberCommandName
  args: { [field: string]: unknown; conversationId: string; messageId?: string }
  fingerprint: string
  /** What was typed, whole; null for an action without text. */
  typed: string | null
  /**
   * `kept`: the device said it has it, so it is durable there (SYN-2). `refused`: the device said no. `unanswered`: the
   * answer was lost with the process; it may have been kept or not. `lost`: unanswered, and seen not to have been kept.
   */
  outcome: 'kept' | 'refused' | 'unanswered' | 'lost'
}

export class MemberLedger {
  readonly deeds: Deed[] = []
  /** Fingerprints of what is unanswered: the same thing is not done again until it is known what became of it. */
  readonly #open = new Set<string>()

  /** Files an action that is about to be asked for; null when it could not be told from an unanswered one. */
  begin<N extends MemberCommandName>(name: N, args: CommandArgs<N> & Deed['args'], typed: string | null): Deed | null {
    const deed: Deed = { name, args, fingerprint: fingerprint(name, args), typed, outcome: 'unanswered' }
    if (this.#open.has(deed.fingerprint)) return null
    this.#open.add(deed.fingerprint)
    this.deeds.push(deed)
    return deed
  }

  /** The device has answered. */
  answer(deed: Deed, ok: boolean): void {
    deed.outcome = ok ? 'kept' : 'refused'
    this.#open.delete(deed.fingerprint)
  }

  /** What became of an unanswered one is known. */
  resolve(deed: Deed, kept: boolean): void {
    deed.outcome = kept ? 'kept' : 'lost'
    this.#open.delete(deed.fingerprint)
  }
}

/** One command as the hub took it. */
export type Taken = { seq: number; fingerprint: string; refusal: string | null }

/**
 * Finds each command that the hub took among the member's actions, in order: every kept one must be there once, an
 * unanswered one may be, and nothing else.
 */
export function matchTaken(
  who: string,
  all: readonly Deed[],
  taken: readonly Taken[],
): { pairs: [Deed, Taken][]; absent: Deed[]; differences: string[] } {
  const pairs: [Deed, Taken][] = []
  const absent: Deed[] = []
  const differences: string[] = []
  const deeds = all.filter(({ outcome }) => outcome === 'kept' || outcome === 'unanswered')
  let at = 0
  for (const one of taken) {
    while (deeds[at] && deeds[at]?.fingerprint !== one.fingerprint) {
      const deed = deeds[at++]
      if (!deed) break
      if (deed.outcome === 'unanswered') absent.push(deed)
      else differences.push(`${who}: kept on the device, not taken at its place (before ${one.seq}): ${show(deed)}`)
    }
    const deed = deeds[at]
    if (!deed) {
      differences.push(`${who}: the hub took number ${one.seq}, which nobody did, or did at another place`)
      break
    }
    pairs.push([deed, one])
    at++
  }
  for (const deed of deeds.slice(at)) {
    if (deed.outcome === 'unanswered') absent.push(deed)
    else differences.push(`${who}: kept on the device, never taken by the hub: ${show(deed)}`)
  }
  return { pairs, absent, differences }
}

/** A deed for a report. */
export function show({ name, args, typed, outcome }: Deed): string {
  return `${name} ${args.messageId ?? ''} in ${args.conversationId}${typed ? ` 「${typed}」` : ''} (${outcome})`
}
