/**
 * What filters ask of a conversation stands in the index of the lists, so that a list of 100,000 is counted and paged
 * without reading a row of it; and which contacts are bound to a store is found by the store.
 */
export const filters = `
DROP INDEX conversation_list;
CREATE INDEX conversation_list
  ON conversation (list, pinned DESC, last_at DESC, n, unread, channel_id, contact_id, follower_id);
CREATE INDEX contact_store ON contact (store_id, id) WHERE store_id IS NOT NULL;
`
