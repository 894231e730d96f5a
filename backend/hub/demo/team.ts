/** The demo team itself: its stores, members, channels and tags. */
import { ChannelId, MemberId, StoreId, TagId, TeamId } from '../../domain/ids.ts'
import type { Channel, ChannelKind, Member, Role, Store, Tag, Team } from '../../domain/rows.ts'
import { newTeam } from '../../domain/team/team.ts'

/** What every demo account signs in with. */
export const DEMO_PASSWORD = 'countertop-demo'

export const team: Team = newTeam({
  id: TeamId.parse('demo'),
  name: '好日子生活選物',
  collaboration: { from: 0, omoFrom: 0 },
})

const store = (id: string, name: string): Store => ({ id: StoreId.parse(id), name })
export const xinyi = store('demo-xinyi', '台北信義店')
export const qinmei = store('demo-qinmei', '台中勤美店')
export const dream = store('demo-dream', '高雄夢時代店')
export const stores = [xinyi, qinmei, dream]

function member(name: string, address: string, role: Role, memberStores: Store[]): Member {
  return {
    id: MemberId.parse(`demo-${address.replace('.', '-')}`),
    name,
    email: `${address}@demo.countertop.example`,
    phone: null,
    role,
    storeIds: memberStores.map(({ id }) => id),
    active: true,
  }
}

/** One of every role, and a few more who answer. */
export const members = [
  member('林雅婷', 'ya-ting.lin', 'admin', stores),
  member('陳美玲', 'mei-ling.chen', 'supervisor', stores),
  member('張志豪', 'zhi-hao.zhang', 'cs_manager', stores),
  member('黃怡君', 'yi-jun.huang', 'cs_agent', [xinyi]),
  member('吳柏翰', 'bo-han.wu', 'cs_agent', [qinmei]),
  member('劉佩珊', 'pei-shan.liu', 'cs_agent', [dream]),
  member('蔡承恩', 'cheng-en.cai', 'cs_agent', [xinyi, qinmei]),
  member('楊子晴', 'zi-qing.yang', 'marketing_cs', []),
  member('許家瑋', 'jia-wei.xu', 'marketer', []),
  member('鄭淑芬', 'shu-fen.zheng', 'sales_manager', [xinyi]),
  member('王建宏', 'jian-hong.wang', 'sales_manager', [qinmei, dream]),
  member('李冠廷', 'guan-ting.li', 'salesperson', [xinyi]),
  member('郭思妤', 'si-yu.guo', 'salesperson', [xinyi]),
  member('周筱涵', 'xiao-han.zhou', 'salesperson', [qinmei]),
  member('謝宗翰', 'zong-han.xie', 'salesperson', [dream]),
]

function channel(id: string, kind: ChannelKind, name: string, botKeywords: string[] = []): Channel {
  return {
    id: ChannelId.parse(id),
    kind,
    name,
    botOn: botKeywords.length > 0,
    botKeywords,
    welcomeText: null,
    connected: kind === 'webchat',
    problem: null,
  }
}

/** The one that works from the first start: customers write on its page. */
export const webchat = channel('demo-webchat', 'webchat', '官網客服')
/** The keywords that the bot of the LINE channel answers to. */
export const KEYWORDS = ['營業時間', '門市地址', '會員點數', '退換貨'] as const
export const lineChannel = channel('demo-line', 'line', '好日子 LINE 官方帳號', [...KEYWORDS])
export const whatsappChannel = channel('demo-whatsapp', 'whatsapp', 'WhatsApp 海外客服')
export const channels = [
  webchat,
  lineChannel,
  whatsappChannel,
  channel('demo-facebook', 'facebook', 'Facebook 粉絲專頁'),
  channel('demo-instagram', 'instagram', 'Instagram'),
]
export const botChannel = lineChannel

const tag = (id: string, name: string, colour: Tag['colour']): Tag => ({ id: TagId.parse(`demo-${id}`), name, colour })
export const tags: [Tag, ...Tag[]] = [
  tag('vip', 'VIP', 'purple'),
  tag('new', '新客', 'green'),
  tag('regular', '熟客', 'blue'),
  tag('tableware', '愛餐具', 'orange'),
  tag('clothing', '愛服飾', 'yellow'),
  tag('food', '愛食品', 'orange'),
  tag('gift', '送禮需求', 'red'),
  tag('wholesale', '企業採購', 'purple'),
  tag('returning', '退換貨中', 'red'),
  tag('complaint', '客訴', 'red'),
  tag('birthday', '本月壽星', 'yellow'),
  tag('overseas', '海外客人', 'blue'),
  tag('appointment', '已預約', 'green'),
  tag('waiting', '等補貨', 'grey'),
]
