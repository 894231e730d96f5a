/**
 * The search index puts its pieces together in quiet moments (`search/merge.ts`). Within a transaction, where somebody
 * waits for it, it does so only when there are very many.
 */
export const merging = `
INSERT INTO message_words (message_words, rank) VALUES ('automerge', 8);
`
