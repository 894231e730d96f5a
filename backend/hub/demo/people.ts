/** Who writes to the demo team: names, numbers and tags such as a shop's customers have. */
import type { Channel, Contact } from '../../domain/rows.ts'
import type { Random } from './random.ts'
import { members, stores, tags } from './team.ts'

const SURNAMES = [
  '陳',
  '林',
  '黃',
  '張',
  '李',
  '王',
  '吳',
  '劉',
  '蔡',
  '楊',
  '許',
  '鄭',
  '謝',
  '郭',
  '洪',
  '曾',
  '邱',
  '廖',
  '賴',
  '周',
  '徐',
  '蘇',
  '葉',
  '莊',
  '呂',
  '江',
  '何',
  '蕭',
  '羅',
  '高',
] as const
const GIVEN = [
  '怡君',
  '雅婷',
  '佳穎',
  '宜蓁',
  '詩涵',
  '欣怡',
  '筱婷',
  '郁婷',
  '思妤',
  '品妍',
  '淑芬',
  '美惠',
  '麗華',
  '秀英',
  '佩珊',
  '靜宜',
  '家豪',
  '志明',
  '俊傑',
  '建宏',
  '冠宇',
  '承翰',
  '柏翰',
  '宗翰',
  '彥廷',
  '子軒',
  '宇翔',
  '信宏',
  '文雄',
  '國華',
  '心怡',
  '子晴',
  '若瑜',
  '孟潔',
  '庭瑜',
  '昱安',
  '禹安',
  '沛蓉',
  '映彤',
  '立安',
] as const
const NICKNAMES = [
  '小魚🐟',
  'Vicky',
  '阿德',
  'Mandy 媽咪',
  '豆豆爸',
  '露露',
  'Jerry',
  '🌸Yuki',
  '小安',
  '凱莉',
  'Amber Lin',
  '阿寶',
  '圓圓',
  'Kevin C.',
  '茶茶',
  'Momo',
  '米米👶',
  '大山',
  'Nina☀️',
  '貓奴小芸',
] as const
const ENGLISH = [
  'Emma Wilson',
  'Daniel Tan',
  'Sophie Martin',
  'Michael Chen',
  'Grace Lee',
  'Oliver Smith',
  'Priya Nair',
] as const
const JAPANESE = ['佐藤 美咲', '田中 健太', '鈴木 陽子', '高橋 亮', '伊藤 さくら'] as const

export type Language = 'zh' | 'en' | 'ja'

/** A name for the language, as people call themselves on the channel. */
export function nameOf(random: Random, language: Language, channel: Channel): string {
  if (language === 'en') return random.pick(ENGLISH)
  if (language === 'ja') return random.pick(JAPANESE)
  if (channel.kind === 'webchat' && random.chance(0.55)) return `訪客 ${random.letters('0123456789', 4)}`
  if (channel.kind !== 'whatsapp' && random.chance(0.22)) return random.pick(NICKNAMES)
  return random.pick(SURNAMES) + random.pick(GIVEN)
}

/** The customer's id on the channel, in the channel's own form. */
export function externalIdOf(random: Random, channel: Channel): string {
  switch (channel.kind) {
    case 'line':
      return `U${random.letters('0123456789abcdef', 32)}`
    case 'whatsapp':
      return `8869${random.letters('0123456789', 8)}`
    case 'webchat':
      return random.letters('ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789', 22)
    case 'facebook':
    case 'instagram':
    case 'wechat':
      return random.letters('123456789', 16)
  }
}

/** What the team has learnt of the customer over time; addresses and numbers that belong to nobody. */
export function describe(random: Random, contact: Contact, n: number, salespersonId: string | null): Contact {
  const known = random.chance(0.6)
  const salesperson = members.find(({ id }) => id === salespersonId)
  const store = stores.find(({ id }) => salesperson?.storeIds.includes(id))
  const tagIds = new Set(Array.from({ length: random.pick([0, 0, 1, 1, 1, 2, 2, 3]) }, () => random.pick(tags).id))
  return {
    ...contact,
    phone:
      known || random.chance(0.3) ? `09${random.letters('0123456789', 2)}000${random.letters('0123456789', 3)}` : null,
    email: random.chance(0.4) ? `customer${n}@example.com` : null,
    memberNumber: known ? `GD${String(100_000 + n * 7).padStart(8, '0')}` : null,
    tagIds: [...tagIds],
    subscribed: random.chance(0.92),
    binding: salesperson && store ? { memberId: salesperson.id, storeId: store.id } : null,
  }
}
