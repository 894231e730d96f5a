import { describe, expect, it } from 'vitest'
import { inbox as inboxEn } from '../../i18n/en/inbox.ts'
import { inbox as inboxZhHantTw } from '../../i18n/zh-Hant-TW/inbox.ts'
import { MESSAGE_STATES, STATE_GLYPHS, messageState } from './message-state.ts'

describe('[CNV-10] message states', () => {
  it('knows 待送出 from the device and the rest from the hub', () => {
    expect(messageState({ waiting: true, delivery: { state: 'sending' } })).toBe('waiting')
    expect(messageState({ waiting: false, delivery: { state: 'delivered' } })).toBe('delivered')
    expect(
      messageState({ waiting: false, delivery: { state: 'failed', code: 'channel.blocked', platformCode: null } }),
    ).toBe('failed')
    expect(messageState({ waiting: true, delivery: null })).toBeNull()
  })

  it('gives every state a glyph of its own and a word in both languages', () => {
    expect(new Set(Object.values(STATE_GLYPHS)).size).toBe(MESSAGE_STATES.length)
    expect(MESSAGE_STATES.map((state) => inboxZhHantTw.thread.state[state])).toEqual([
      '待送出',
      '傳送中',
      '已送出',
      '已送達',
      '已讀',
      '失敗',
    ])
    expect(new Set(MESSAGE_STATES.map((state) => inboxEn.thread.state[state])).size).toBe(MESSAGE_STATES.length)
  })
})
