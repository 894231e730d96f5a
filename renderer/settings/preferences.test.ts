import { createPinia, setActivePinia } from 'pinia'
import { beforeEach, describe, expect, it } from 'vitest'
import { useSession } from '../session/session.ts'
import { MemberId } from '../../backend/domain/ids.ts'
import { preferencesKey, readPreferences, usePreferences } from './preferences.ts'
import type { AppState } from '../../backend/workstation/views.ts'

const usual = {
  language: 'zh-Hant-TW',
  theme: 'system',
  density: 'comfortable',
  textSize: 100,
  enterSends: true,
  sidePanel: true,
  listWidth: 340,
}

function openFor(id: string): AppState {
  return {
    hub: 'http://hub',
    session: {
      state: 'open',
      clientId: 'w1',
      member: {
        id: MemberId.parse(id),
        name: id,
        email: `${id}@x`,
        phone: null,
        role: 'admin',
        storeIds: [],
        active: true,
      },
    },
    connection: { state: 'online', lastSyncAt: 0 },
    knownMembers: [],
    storeNotice: null,
  }
}

beforeEach(() => {
  localStorage.clear()
  setActivePinia(createPinia())
})

describe('preferences', () => {
  it('are the usual when nothing, or nothing that can be read, was kept', () => {
    for (const kept of [null, '', '{', '7', 'null', '[]', '"dark"']) expect(readPreferences(kept)).toEqual(usual)
  })

  it('take what is right and leave what is not', () => {
    const kept = JSON.stringify({
      theme: 'dark',
      language: 'xx',
      textSize: 101,
      listWidth: 9_999,
      enterSends: 'no',
      sidePanel: false,
      more: 1,
    })
    expect(readPreferences(kept)).toEqual({ ...usual, theme: 'dark', sidePanel: false })
  })

  it('are kept for each member apart', () => {
    const session = useSession()
    const settings = usePreferences()
    session.state = openFor('a')
    settings.change({ density: 'compact', textSize: 120 })
    session.state = openFor('b')
    expect(settings.preferences.density).toBe('comfortable')
    session.state = openFor('a')
    expect([settings.preferences.density, settings.preferences.textSize]).toEqual(['compact', 120])
    expect(readPreferences(localStorage.getItem(preferencesKey('a'))).density).toBe('compact')
  })

  it('leave the language and the light of the last member for the sign-in page', () => {
    const session = useSession()
    const settings = usePreferences()
    session.state = openFor('a')
    settings.change({ language: 'en' })
    session.state = { ...openFor('a'), session: { state: 'signed-out' } }
    expect(settings.preferences.language).toBe('en')
  })
})
