import { beforeEach, describe, expect, it } from 'vitest'
import { setLocale } from '../../i18n/index.ts'
import { sampleContact } from '../sample.ts'
import { contactName, personOf } from './contact-name.ts'

beforeEach(() => setLocale('zh-Hant-TW'))
const contact = { ...sampleContact, name: '家族群' }
const group = {
  ...contact,
  kind: 'group' as const,
  people: [
    { externalId: 'U1', name: '阿芳' },
    { externalId: 'U2', name: '' },
  ],
}

describe('names of people outside', () => {
  it('are the contact’s own, or say that none is known', () => {
    expect([contactName(contact), contactName({ name: '' })]).toEqual(['家族群', '未取得名稱'])
    expect(personOf(contact, null)).toEqual({ id: contact.id, name: '家族群' })
  })

  it('are those of the people of a group, each with a tint of their own', () => {
    expect(['U1', 'U2', 'U3', null].map((from) => personOf(group, from))).toEqual([
      { id: 'U1', name: '阿芳' },
      { id: 'U2', name: '群組成員' },
      { id: 'U3', name: '群組成員' },
      { id: contact.id, name: '群組成員' },
    ])
  })
})
