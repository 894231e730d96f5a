/** Rows have more to them than before: everything is fetched anew; what waits to be sent stays. */
export const collaboration = `
-- Of a waiting command as it was sent, when its conversation was deleted and the item emptied.
ALTER TABLE queue ADD COLUMN fingerprint TEXT;
UPDATE about SET version = NULL, snapshot_version = NULL, snapshot_after = NULL;
`
