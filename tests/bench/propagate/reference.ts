/** The least that a message costs on its way: one row committed by PostgreSQL, and one text to another process and back. */
import pg from 'pg'
import { v7 as newId } from 'uuid'
import { WebSocket } from 'ws'

const TABLE = `CREATE TABLE bench_message (team_id text, id text, version bigint NOT NULL, data json NOT NULL,
  conversation_id text NOT NULL, ordinal integer NOT NULL, PRIMARY KEY (team_id, id))`
const INDEX = 'CREATE INDEX ON bench_message (team_id, conversation_id, ordinal)'
const INSERT = 'INSERT INTO bench_message VALUES ($1, $2, $3, $4, $5, $6)'

export class Reference {
  readonly #client: pg.Client
  readonly #socket: WebSocket
  #n = 0

  private constructor(client: pg.Client, socket: WebSocket) {
    this.#client = client
    this.#socket = socket
  }

  /** @throws when the server does not force its commits to the disk */
  static async open(databaseUrl: string, echoUrl: string): Promise<Reference> {
    const client = new pg.Client({ connectionString: databaseUrl })
    await client.connect()
    const { rows } = await client.query("SELECT current_setting('fsync') || current_setting('synchronous_commit') AS s")
    if (rows[0]?.s !== 'onon') throw new Error(`PostgreSQL does not wait for the disk: ${rows[0]?.s}`)
    await client.query(TABLE)
    await client.query(INDEX)
    const socket = new WebSocket(echoUrl, { perMessageDeflate: false })
    await new Promise((resolve, reject) => {
      socket.once('open', resolve)
      socket.once('error', reject)
    })
    return new Reference(client, socket)
  }

  /** How long each takes, in ms. */
  async take(text: string): Promise<{ commit: number; echo: number }> {
    this.#n += 1
    const id = newId()
    const data = JSON.stringify({
      id,
      conversationId: id,
      ordinal: this.#n,
      body: { kind: 'text', text },
      at: Date.now(),
    })
    const begun = performance.now()
    await this.#client.query(INSERT, ['bench', id, this.#n, data, id, this.#n])
    const committed = performance.now()
    await new Promise((resolve) => {
      this.#socket.once('message', resolve)
      this.#socket.send(data)
    })
    return { commit: committed - begun, echo: performance.now() - committed }
  }

  async close(): Promise<void> {
    this.#socket.close()
    await this.#client.end()
  }
}
