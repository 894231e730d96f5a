/**
 * Saved replies with their folders and files, and what was sent and can still be taken back. A store from before has no
 * reply and was told of none: everything is fetched anew; what waits to be sent stays.
 */
export const replies = `
CREATE TABLE "replyFolder" (id TEXT PRIMARY KEY, data TEXT NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE reply (id TEXT PRIMARY KEY, data TEXT NOT NULL) STRICT, WITHOUT ROWID;
-- 'local': the hub does not have it yet. What replies show and the hub gave is 'uploaded' like what came from here.
CREATE TABLE reply_file (
  n INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  name TEXT NOT NULL,
  mime TEXT NOT NULL,
  size INTEGER NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('local', 'uploaded', 'refused')),
  refusal TEXT,
  kept_at INTEGER NOT NULL,
  bytes BLOB NOT NULL
) STRICT;
CREATE INDEX queue_reply ON queue (name) WHERE name = 'reply.save';
-- Sent by 發送 and not in the queue yet; times by the device's clock. commands: the arguments of each message.send.
CREATE TABLE departing (
  n INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  conversation_id TEXT NOT NULL,
  leaves_at INTEGER NOT NULL,
  commands TEXT NOT NULL
) STRICT;
UPDATE about SET version = NULL, snapshot_version = NULL, snapshot_after = NULL;
`
