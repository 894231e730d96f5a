/** Finding a saved reply as the member types (REP-2): a few hundred of them, looked through in memory. */
import type { Reply, ReplyFolder } from '../rows.ts'

/** Upper and lower case, full and half width are the same. */
function fold(text: string): string {
  return text.normalize('NFKC').toLowerCase()
}

/**
 * Those that have every word of `text` somewhere, in whatever order: first where the name has them all, then with the
 * folder's name, then with what the messages say; each as they came. All of them for no words.
 */
export function searchReplies(
  replies: readonly Reply[],
  folders: readonly Pick<ReplyFolder, 'id' | 'name'>[],
  text: string,
): Reply[] {
  const words = fold(text)
    .split(/\s+/)
    .filter((word) => word !== '')
  const names = new Map(folders.map(({ id, name }) => [id, fold(name)]))
  const ranked = replies.flatMap((reply) => {
    const name = fold(reply.name)
    const folder = (reply.folderId && names.get(reply.folderId)) ?? ''
    const has = (...places: readonly string[]) => words.every((word) => places.some((place) => place.includes(word)))
    if (has(name)) return [{ reply, rank: 0 }]
    if (has(name, folder)) return [{ reply, rank: 1 }]
    return has(name, folder, ...contents(reply)) ? [{ reply, rank: 2 }] : []
  })
  return ranked.toSorted((a, b) => a.rank - b.rank).map(({ reply }) => reply)
}

function contents({ messages }: Reply): string[] {
  return messages.map((message) => fold(message.kind === 'text' ? message.text : message.name))
}
