/** Brings files to the hub ahead of the commands that show them, one at a time. */
import type { Logger } from 'pino'
import type { Refusal } from '../../domain/refusal.ts'
import { refuse } from '../../domain/refusal.ts'
import type { Tokens } from '../session/tokens.ts'
import type { MemberStore } from '../store/member-store.ts'
import type { HubClient } from './client.ts'
import { UntilDone } from './until-done.ts'

/** The file itself is not taken, however often it is tried; every other refusal may pass. */
const ABOUT_THE_FILE = new Set<Refusal['code']>([
  'attachment.empty',
  'attachment.tooLarge',
  'attachment.type',
  'attachment.missing',
  'attachment.inUse',
  'request.tooLarge',
  'request.invalid',
  'request.notFound',
  'conversation.notVisible',
  'member.mayNot',
  'reply.notYours',
  'reply.roleMayNot',
])

export type UploadParts = {
  hub: HubClient
  tokens: Tokens
  store: MemberStore
  log: Logger
  /** Something was uploaded or refused: commands that waited for it may go. */
  onProgress: () => void
  /** How long to wait before another try after a failure, in ms. */
  again: number
}

/** Uploads what waits at each `run`. */
export function uploading(parts: UploadParts): UntilDone {
  const { again, log } = parts
  return new UntilDone({ work: (isStopped) => uploadAll(parts, isStopped), again, log, failed: 'uploading failed' })
}

/** False when one has to be tried again later. */
async function uploadAll({ store, hub, tokens, onProgress }: UploadParts, isStopped: () => boolean): Promise<boolean> {
  const tried = new Set<string>()
  while (!isStopped()) {
    const next = store.uploads().find(({ id }) => !tried.has(id))
    if (!next) return true
    tried.add(next.id)
    const { id, name, owner } = next
    const file = 'replyId' in owner ? store.replyFile(id) : store.attachment(id)
    const result = file
      ? await tokens.authorised((token) => hub.upload(token, file, owner))
      : { ok: false as const, refusal: refuse('attachment.missing', { name }) }
    if (isStopped()) return true
    if (!result.ok && !ABOUT_THE_FILE.has(result.refusal.code)) return false
    store.uploaded(id, result.ok ? { ok: true } : result)
    onProgress()
  }
  return true
}
