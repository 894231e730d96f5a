/**
 * The first shape of a member's store.
 *
 * Rows of the team's tables are kept whole as JSON in `data`, beside the columns that queries need. A message's `n`
 * grows with its time, because the search index gives its hits in that order and can then stop at the first fifty.
 * `conversation` has what lists sort and filter by, for this member; `list_count` follows it by triggers.
 */
const small = ['team', 'store', 'member', 'channel', 'tag']

export const first = `
CREATE TABLE about (
  only INTEGER PRIMARY KEY CHECK (only = 1),
  client_id TEXT NOT NULL,
  member_id TEXT NOT NULL,
  version INTEGER,
  -- The stretch of the team's history that the version belongs to: a restored hub gives the numbers anew.
  epoch TEXT NOT NULL DEFAULT '',
  last_client_seq INTEGER NOT NULL,
  -- The highest number ever given to a command of ours; none is given twice.
  last_seq INTEGER NOT NULL,
  -- The highest id of an item of the queue; none is given twice, since windows keep asking for what they show.
  last_item INTEGER NOT NULL DEFAULT 0,
  results_known INTEGER NOT NULL,
  snapshot_version INTEGER,
  snapshot_epoch TEXT NOT NULL DEFAULT '',
  snapshot_after TEXT,
  snapshot_done INTEGER NOT NULL DEFAULT 0,
  snapshot_total INTEGER NOT NULL DEFAULT 0,
  -- 1 while scope lines have come and the reference line that ends them has not.
  snapshot_scoped INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE TABLE snapshot_scope (id TEXT PRIMARY KEY) STRICT, WITHOUT ROWID;

${small.map((name) => `CREATE TABLE "${name}" (id TEXT PRIMARY KEY, data TEXT NOT NULL) STRICT, WITHOUT ROWID;`).join('\n')}

CREATE TABLE contact (
  n INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  external_id TEXT NOT NULL,
  store_id TEXT,
  data TEXT NOT NULL
) STRICT;
CREATE INDEX contact_external ON contact (external_id);
CREATE TABLE contact_tag (
  tag_id TEXT NOT NULL,
  contact_id TEXT NOT NULL,
  PRIMARY KEY (tag_id, contact_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX contact_tag_contact ON contact_tag (contact_id);

CREATE TABLE conversation (
  n INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  contact_id TEXT NOT NULL,
  channel_id TEXT NOT NULL,
  follower_id TEXT,
  list TEXT NOT NULL,
  last_at INTEGER NOT NULL,
  unread INTEGER NOT NULL,
  pinned INTEGER NOT NULL,
  closed_at INTEGER,
  data TEXT NOT NULL
) STRICT;
CREATE INDEX conversation_list ON conversation (list, pinned DESC, last_at DESC, n);
CREATE INDEX conversation_unread ON conversation (list, pinned DESC, last_at DESC, n) WHERE unread > 0;
CREATE INDEX conversation_contact ON conversation (contact_id);
CREATE INDEX conversation_closed ON conversation (closed_at) WHERE closed_at IS NOT NULL;

CREATE TABLE list_count (
  list TEXT PRIMARY KEY, total INTEGER NOT NULL, unread INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TRIGGER conversation_added AFTER INSERT ON conversation BEGIN
  INSERT INTO list_count VALUES (new.list, 1, new.unread)
    ON CONFLICT (list) DO UPDATE SET total = total + 1, unread = unread + excluded.unread;
END;
CREATE TRIGGER conversation_removed AFTER DELETE ON conversation BEGIN
  UPDATE list_count SET total = total - 1, unread = unread - old.unread WHERE list = old.list;
END;
CREATE TRIGGER conversation_changed AFTER UPDATE OF list, unread ON conversation
WHEN old.list <> new.list OR old.unread <> new.unread BEGIN
  UPDATE list_count SET total = total - 1, unread = unread - old.unread WHERE list = old.list;
  INSERT INTO list_count VALUES (new.list, 1, new.unread)
    ON CONFLICT (list) DO UPDATE SET total = total + 1, unread = unread + excluded.unread;
END;

CREATE TABLE message (
  n INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  conversation_id TEXT NOT NULL,
  ordinal INTEGER NOT NULL,
  data TEXT NOT NULL
) STRICT;
CREATE INDEX message_conversation ON message (conversation_id, ordinal);
-- The messages whose words are not in the search index yet.
CREATE TABLE unindexed (n INTEGER PRIMARY KEY) STRICT;

CREATE TABLE mark (
  id TEXT PRIMARY KEY, conversation_id TEXT NOT NULL, data TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX mark_conversation ON mark (conversation_id);

-- Older than what devices hold, asked of the hub; goes with the conversation.
CREATE TABLE older (
  conversation_id TEXT NOT NULL, ordinal INTEGER NOT NULL, id TEXT NOT NULL, data TEXT NOT NULL,
  PRIMARY KEY (conversation_id, ordinal)
) STRICT, WITHOUT ROWID;
CREATE INDEX older_id ON older (id);
CREATE TABLE older_start (conversation_id TEXT PRIMARY KEY) STRICT, WITHOUT ROWID;

-- What the member did and the hub has not answered for good. Without seq: typed text that was kept and never sent.
CREATE TABLE queue (
  id INTEGER PRIMARY KEY,
  seq INTEGER UNIQUE,
  state TEXT NOT NULL CHECK (state IN ('waiting', 'refused')),
  name TEXT NOT NULL,
  args TEXT NOT NULL,
  at INTEGER NOT NULL,
  -- 1 when it is applied here at once; 0 when its effect is awaited from the hub.
  local INTEGER NOT NULL,
  conversation_id TEXT,
  attachment_id TEXT,
  doubt TEXT,
  refusal TEXT
) STRICT;
CREATE INDEX queue_conversation ON queue (conversation_id, state);
CREATE INDEX queue_attachment ON queue (attachment_id) WHERE attachment_id IS NOT NULL;
-- What a waiting command wrote over: a JSON array of {"table", "id", "before"}, before being null for a new row.
CREATE TABLE undo (
  queue_id INTEGER PRIMARY KEY REFERENCES queue (id) ON DELETE CASCADE,
  images TEXT NOT NULL
) STRICT;

CREATE TABLE draft (
  conversation_id TEXT PRIMARY KEY, mode TEXT NOT NULL, reply TEXT NOT NULL, note TEXT NOT NULL, attachment_ids TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE attachment (
  n INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  conversation_id TEXT NOT NULL,
  name TEXT NOT NULL,
  mime TEXT NOT NULL,
  size INTEGER NOT NULL,
  width INTEGER,
  height INTEGER,
  state TEXT NOT NULL CHECK (state IN ('local', 'uploaded', 'refused')),
  refusal TEXT,
  bytes BLOB NOT NULL
) STRICT;
CREATE INDEX attachment_conversation ON attachment (conversation_id);

-- Words are made and folded by the app (search/words.ts); 'ascii' only splits them at spaces. Hits come in the order of
-- their numbers, so how many words a message has is of no use. The index puts its pieces together in quiet moments
-- (search/merge.ts); within a transaction, where somebody waits for it, only when there are very many.
CREATE VIRTUAL TABLE message_words USING fts5 (words, content = '', columnsize = 0, prefix = '1', tokenize = 'ascii');
CREATE VIRTUAL TABLE contact_words USING fts5 (words, content = '', columnsize = 0, prefix = '1', tokenize = 'ascii');
INSERT INTO message_words (message_words, rank) VALUES ('secure-delete', 1);
INSERT INTO contact_words (contact_words, rank) VALUES ('secure-delete', 1);
INSERT INTO message_words (message_words, rank) VALUES ('hashsize', 8388608);
INSERT INTO message_words (message_words, rank) VALUES ('automerge', 0);
INSERT INTO message_words (message_words, rank) VALUES ('crisismerge', 64);
`
