/** New messages come into the search index a little later, and nobody notices. */
import { expect, it, onTestFinished } from 'vitest'
import { Connection } from '../connection.ts'
import { KEY, NOW, QUIET, conversationId, conversationRows, filledStore, messageId, patch } from '../sample.ts'

const PATIENT = { timeout: 20_000 }
const c1 = conversationId(1)

function opened() {
  const { store, path } = filledStore(onTestFinished, [conversationRows(1, { texts: ['早安'] })])
  const reader = new Connection(path, KEY, QUIET, { readonly: true })
  onTestFinished(() => reader.close())
  const noted = () => reader.get<{ n: number }>('SELECT count(*) AS n FROM unindexed')?.n
  const terms = () => {
    reader.exec(
      'DROP TABLE IF EXISTS temp.terms; CREATE VIRTUAL TABLE temp.terms USING fts5vocab (main, message_words, row)',
    )
    return reader.all<{ term: string }>('SELECT term FROM temp.terms').map(({ term }) => term)
  }
  const send = (messageId: string, text: string) =>
    store.command(
      { name: 'message.send', args: { conversationId: c1, messageId, content: { kind: 'text', text } } },
      NOW,
    )
  const found = (q: string) => store.search({ q, limit: 9 }).messages.length
  return { store, noted, terms, send, found }
}

it('[CNV-11] whoever searches finds what was written a moment ago, and what the hub brought', () => {
  const { store, noted, send, found } = opened()
  send('s1', '鳳梨酥')
  store.applyPatch([patch(2, { puts: conversationRows(2, { texts: ['太陽餅'] }) })])
  expect(noted()).toBe(3)
  expect([found('鳳梨'), found('太陽'), found('早安')]).toEqual([1, 1, 1])
  expect(noted()).toBe(0)
})

it('[CNV-11] the index follows by itself when it is quiet', async () => {
  const { noted, terms, send } = opened()
  for (let n = 0; n < 16; n++) send(`s${n}`, `牛軋糖 ${n}`)
  expect(noted()).toBe(17)
  await expect.poll(noted, PATIENT).toBe(0)
  expect(terms()).toContain('牛軋')
})

it('[ROL-2] what leaves while it is only noted, and what was indexed, both leave nothing', () => {
  const { store, noted, terms, send, found } = opened()
  expect(found('早安')).toBe(1)
  send('s1', '鳳梨酥')
  store.applyPatch([patch(2, { evicts: [c1] })])
  expect([noted(), terms()]).toEqual([0, []])
  expect([found('鳳梨'), found('早安')]).toEqual([0, 0])
})

it('[CNV-11] a message that changes is found by its new text alone, whether it was noted or indexed before', () => {
  const { store, found } = opened()
  const change = (version: number, text: string) => {
    const rows = conversationRows(1, { texts: [text] })
    store.applyPatch([patch(version, { puts: rows })])
  }
  change(2, '午安')
  expect([found('早安'), found('午安')]).toEqual([0, 1])
  change(3, '晚安')
  change(4, '凌晨')
  expect([found('午安'), found('晚安'), found('凌晨')]).toEqual([0, 0, 1])
  store.applyPatch([patch(5, { removes: [['message', messageId('m1-1')]] })])
  expect(found('凌晨')).toBe(0)
})
