/** What a store holds in the end: the sides of the comparison must have written the same. */

export type Stored = { messages: number; bytes: number; found: number; contacts: number; unread: number }

/** @param get runs a query of one row */
export function storedIn(get: <T>(sql: string) => T): Stored {
  const { messages, bytes } = get<{ messages: number; bytes: number }>(
    'SELECT count(*) AS messages, sum(length(data)) AS bytes FROM message',
  )
  const { found } = get<{ found: number }>(
    `SELECT count(*) AS found FROM message_words WHERE message_words MATCH '"訂單"'`,
  )
  const { contacts } = get<{ contacts: number }>(
    `SELECT count(*) AS contacts FROM contact_words WHERE contact_words MATCH '"顧客" OR "訪客"'`,
  )
  const { unread } = get<{ unread: number }>('SELECT sum(unread) AS unread FROM list_count')
  return { messages, bytes, found, contacts, unread }
}
