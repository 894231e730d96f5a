/** Fetches the files of saved replies ahead of their use, so that they are there without the hub too (SYN-1). */
import type { Logger } from 'pino'
import type { ReplyFile } from '../../domain/replies/files.ts'
import { refuse } from '../../domain/refusal.ts'
import type { Result } from '../service.ts'
import type { Tokens } from '../session/tokens.ts'
import type { KeptFile, MemberStore } from '../store/member-store.ts'
import { garbledRefusal } from './client.ts'
import type { HubClient } from './client.ts'
import { UntilDone } from './until-done.ts'

export type FetchParts = {
  hub: HubClient
  tokens: Tokens
  store: MemberStore
  log: Logger
  /** How long to wait before another try after a failure, in ms. */
  again: number
}

/** Fetches what is missing at each `run`, newest replies first. */
export function fetchingReplyFiles(parts: FetchParts): UntilDone {
  const { again, log } = parts
  const failed = 'fetching the files of saved replies failed'
  return new UntilDone({ work: (isStopped) => fetchAll(parts, isStopped), again, log, failed })
}

async function fetchAll(parts: FetchParts, isStopped: () => boolean): Promise<boolean> {
  const tried = new Set<string>()
  while (!isStopped()) {
    const next = parts.store.missingReplyFiles().find(({ attachmentId }) => !tried.has(attachmentId))
    if (!next) return true
    tried.add(next.attachmentId)
    const result = await fetchReplyFile(parts, next, isStopped)
    // One that is gone, or no longer the member's, does not hold up the others; the rest may pass.
    const isGone = !result.ok && ['attachment.missing', 'hub.garbled'].includes(result.refusal.code)
    if (!result.ok && !isGone) return isStopped()
  }
  return true
}

/** Fetches one file and keeps it, as long as a reply of the member's shows it. */
export async function fetchReplyFile(
  { hub, tokens, store, log }: Omit<FetchParts, 'again'>,
  { attachmentId: id, name, mime, size }: ReplyFile,
  isStopped: () => boolean,
): Promise<Result<KeptFile>> {
  const fetched = await tokens.authorised((token) => hub.download(token, id))
  if (!fetched.ok) return fetched
  const { bytes } = fetched.value
  if (bytes.length !== size) {
    log.warn({ expected: size, came: bytes.length }, 'the file of a saved reply is not what the reply says')
    return { ok: false, refusal: garbledRefusal() }
  }
  const isKept = !isStopped() && store.keepReplyFile(id, bytes)
  return isKept
    ? { ok: true, value: { id, name, mime, size, bytes } }
    : { ok: false, refusal: refuse('attachment.missing', { name }) }
}
