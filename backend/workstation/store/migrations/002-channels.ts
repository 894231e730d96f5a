/**
 * Templates, the hub's clock, and rows of channels other than the web chat. What is held came in the earlier shape: everything is fetched
 * anew; what waits to be sent stays.
 */
export const channels = `
-- By how much the hub's clock is ahead of the device's, in ms.
ALTER TABLE about ADD COLUMN clock_ahead INTEGER NOT NULL DEFAULT 0;
CREATE TABLE template (id TEXT PRIMARY KEY, data TEXT NOT NULL) STRICT, WITHOUT ROWID;
UPDATE about SET version = NULL, snapshot_version = NULL, snapshot_after = NULL;
`
