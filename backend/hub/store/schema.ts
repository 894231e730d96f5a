/** The hub's tables as Kysely sees them. Rows of the domain are kept as JSON beside the columns that queries need. */
export type HubSchema = Record<string, never>
