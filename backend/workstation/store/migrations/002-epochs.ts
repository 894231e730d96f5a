/** The stretch of the team's history that a version belongs to: a restored hub gives the numbers anew. */
export const epochs = `
ALTER TABLE about ADD COLUMN epoch TEXT NOT NULL DEFAULT '';
ALTER TABLE about ADD COLUMN snapshot_epoch TEXT NOT NULL DEFAULT '';
`
