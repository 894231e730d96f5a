/** Folders of saved replies: one's own, and those that everybody has (REP-1). */
import { z } from 'zod'
import { ReplyFolderId } from '../ids.ts'
import { refuse } from '../refusal.ts'
import { allow, asMember, defineCommand, get, list, put, reject, remove } from '../rule.ts'
import { cleanName } from '../text.ts'
import { mayEditFolder, maySeeFolder, mayShareFolder } from './permissions.ts'

/** Makes a folder, or changes it whole. One that is no longer shared is the member's who says so. */
export const saveReplyFolder = defineCommand({
  name: 'replyFolder.save',
  by: 'member',
  offline: 'queue',
  args: z.strictObject({
    replyFolderId: ReplyFolderId,
    name: z.string().max(1_000),
    shared: z.boolean(),
    position: z.number().int().nonnegative().max(1_000_000),
  }),
  *run({ replyFolderId: id, name, shared, position }, context) {
    const member = yield* asMember(context)
    const before = yield* get('replyFolder', id)
    if (before && !maySeeFolder(before, member)) return yield* reject(refuse('request.notFound', {}))
    if (before) yield* allow(mayEditFolder(before, member))
    yield* allow(mayShareFolder(shared, member))
    const clean = cleanName(name)
    if (clean === '') return yield* reject(refuse('reply.name', {}))
    yield* put('replyFolder', { id, name: clean, ownerId: shared ? null : member.id, position })
  },
})

/** Removes a folder; what was in it stays, without a folder. One that the member does not have is gone already. */
export const removeReplyFolder = defineCommand({
  name: 'replyFolder.remove',
  by: 'member',
  offline: 'queue',
  args: z.strictObject({ replyFolderId: ReplyFolderId }),
  *run({ replyFolderId: id }, context) {
    const member = yield* asMember(context)
    const folder = yield* get('replyFolder', id)
    if (!folder || !maySeeFolder(folder, member)) return
    yield* allow(mayEditFolder(folder, member))
    for (const reply of yield* list('reply', 'folderId', id)) yield* put('reply', { ...reply, folderId: null })
    yield* remove('replyFolder', id)
  },
})
