/** Saving, copying and removing saved replies; what was removed can be had back for as long as its toast stays. */
import type { Reply } from '../../backend/domain/rows.ts'
import type { Refusal } from '../../backend/domain/refusal.ts'
import type { CommandArgs } from '../../backend/domain/commands.ts'
import { runCommand } from '../api/command.ts'
import { useText } from '../i18n/index.ts'
import { useReasons } from '../inbox/conversation/reason.ts'
import { useToast } from '../ui/toast.ts'
import { newDraft } from './draft.ts'
import type { ReplyDraft } from './draft.ts'
import { useReplyDrafts } from './drafts.ts'
import { useReplies } from './replies.ts'
import { copyFiles, loadFiles } from './reply-files.ts'
import type { Loaded } from './reply-files.ts'

export type ReplyActions = {
  /** Saves on this device; the hub has it once there is a connection. Gives back why it could not. */
  save(args: CommandArgs<'reply.save'>): Promise<Refusal | null>
  /** Removes it, with the way back. Gives back why it could not. */
  remove(reply: Reply): Promise<Refusal | null>
  /** A draft that says the same, with files of its own, only for the member. */
  copy(reply: Reply): Promise<ReplyDraft | Refusal>
}

export function useReplyActions(): ReplyActions {
  const { t } = useText()
  const { show } = useToast()
  const { reason } = useReasons()
  const replies = useReplies()
  const drafts = useReplyDrafts()

  async function save(args: CommandArgs<'reply.save'>): Promise<Refusal | null> {
    const answer = await runCommand('reply.save', args)
    if (!answer.ok) return answer.refusal
    // Before the draft goes, so that what was there before is not shown in between.
    await replies.load()
    return null
  }
  async function restore({ id, folderId, name, visibility }: Reply, loaded: readonly Loaded[]): Promise<void> {
    const messages = await copyFiles(loaded)
    const refusal = 'code' in messages ? messages : await save({ replyId: id, folderId, name, messages, visibility })
    if (refusal) show(reason(refusal), { kind: 'bad' })
    else show(t('replies.editor.restored', { name }))
  }

  return {
    save,
    async remove(reply) {
      // Its files go with it: whoever wants it back needs their bytes.
      const loaded = await loadFiles(reply.messages)
      if ('code' in loaded) return loaded
      const answer = await runCommand('reply.remove', { replyId: reply.id })
      if (!answer.ok) return answer.refusal
      drafts.forget(reply.id)
      await replies.load()
      show(t('replies.editor.removed', { name: reply.name }), { undo: () => void restore(reply, loaded) })
      return null
    },
    async copy(reply) {
      const loaded = await loadFiles(reply.messages)
      if ('code' in loaded) return loaded
      const messages = await copyFiles(loaded)
      if ('code' in messages) return messages
      return { ...newDraft(null, messages), name: t('replies.editor.copyName', { name: reply.name }) }
    },
  }
}
