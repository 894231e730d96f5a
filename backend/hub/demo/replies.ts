/** The demo team's saved replies 預存回覆: a dozen in three folders, for everybody, a role, a store, or their owner alone. */
import { AttachmentId, ReplyFolderId, ReplyId } from '../../domain/ids.ts'
import type { MemberId } from '../../domain/ids.ts'
import type { Member, Reply, ReplyFolder, ReplyMessage, Role, Time, Visibility } from '../../domain/rows.ts'
import type { NeededFile } from './conversations.ts'
import { PICTURE_SIZE, picture } from './files.ts'
import { dream, members, qinmei, xinyi } from './team.ts'

const DAY = 24 * 60 * 60 * 1000

const folder = (id: string, name: string, position: number): ReplyFolder => ({
  id: ReplyFolderId.parse(`demo-${id}`),
  name,
  ownerId: null,
  position,
})
const greetings = folder('greetings', '招呼', 0)
const goods = folder('goods', '商品', 1)
const after = folder('after', '售後', 2)
export const replyFolders = [greetings, goods, after]

/** The team's first member of a role, at a store when that is given. */
function who(role: Role, storeId?: Member['storeIds'][number]): MemberId {
  const found = members.find((one) => one.role === role && (!storeId || one.storeIds.includes(storeId)))
  if (!found) throw new Error(`the demo team has no ${role}`)
  return found.id
}

const ALL: Visibility = { to: 'all' }
const OWN: Visibility = { to: 'owner' }
const text = (content: string): ReplyMessage => ({ kind: 'text', text: content })

type Sample = { in: ReplyFolder; name: string; texts: string[]; for: Visibility; by: MemberId; picture?: string }

function samples(): Sample[] {
  const supervisor = who('supervisor')
  const agent = who('cs_agent')
  return [
    {
      in: greetings,
      name: '歡迎',
      texts: ['{{customer.name}}您好，我是{{team.name}}的{{member.name}}，很高興為您服務 😊 請問想了解什麼呢？'],
      for: ALL,
      by: supervisor,
    },
    {
      in: greetings,
      name: '請稍候',
      texts: ['好的，我馬上為您查詢，請稍等我幾分鐘。'],
      for: ALL,
      by: supervisor,
    },
    {
      in: greetings,
      name: '非營業時間',
      texts: [
        '感謝您的來訊！我們的客服時間是每日 11:00 到 20:00。',
        '您可以先留下想詢問的商品與電話，上班後會依序回覆您。',
      ],
      for: { to: 'roles', roles: ['cs_agent', 'cs_manager', 'marketing_cs'] },
      by: supervisor,
    },
    {
      in: greetings,
      name: '道別',
      texts: ['謝謝{{customer.name}}，之後有任何問題都可以再傳訊息給我們，祝您有美好的一天！'],
      for: ALL,
      by: supervisor,
    },
    {
      in: goods,
      name: '現貨查詢',
      texts: ['請提供商品名稱或貨號，以及方便取貨的門市，我幫您確認現貨。'],
      for: ALL,
      by: supervisor,
    },
    {
      in: goods,
      name: '新品陶杯介紹',
      texts: ['這是本月新到的日常陶杯，容量 300 ml，可微波、可進洗碗機，有六種顏色。'],
      for: ALL,
      by: who('marketing_cs'),
      picture: '日常陶杯.png',
    },
    {
      in: goods,
      name: '禮盒與大量訂購',
      texts: [
        '禮盒包裝每份 60 元，可附手寫小卡。',
        '30 份以上另有企業優惠，請提供數量、預算與需要的日期，我們會在一個工作天內報價。',
      ],
      for: { to: 'roles', roles: ['cs_agent', 'cs_manager', 'sales_manager', 'salesperson'] },
      by: supervisor,
    },
    {
      in: goods,
      name: '信義店到店取貨',
      texts: [
        '已為您在{{store.name}}保留三天，取貨時報手機號碼 {{customer.phone}} 即可。門市在信義路五段，捷運 2 號出口步行三分鐘。',
      ],
      for: { to: 'stores', storeIds: [xinyi.id] },
      by: who('sales_manager', xinyi.id),
    },
    {
      in: goods,
      name: '勤美店、夢時代店停車資訊',
      texts: ['百貨地下停車場消費滿 500 元可折抵一小時，結帳時請告知櫃檯車號。'],
      for: { to: 'stores', storeIds: [qinmei.id, dream.id] },
      by: who('sales_manager', dream.id),
    },
    {
      in: after,
      name: '退換貨說明',
      texts: [
        '收到商品七天內可以退換貨，請保持商品與包裝完整，並附上發票。',
        '請告訴我訂單編號與想退換的原因，我幫您安排收件。',
      ],
      for: ALL,
      by: supervisor,
    },
    {
      in: after,
      name: '瑕疵致歉',
      texts: ['真的非常抱歉，讓您收到有瑕疵的商品。麻煩您拍一張照片給我，我立刻為您安排換新，不需另付運費。'],
      for: ALL,
      by: supervisor,
    },
    {
      in: after,
      name: '會員點數查詢',
      texts: ['{{customer.name}}您好，請提供會員編號或手機號碼，我幫您查詢目前點數與到期日。'],
      for: ALL,
      by: supervisor,
    },
    { in: after, name: '我的收尾', texts: ['包裹已寄出，明後天會到，收到再跟我說一聲喔～'], for: OWN, by: agent },
  ]
}

/** The replies as they are at the team's first start, and the pictures that they show. */
export function demoReplies(now: Time, withFiles: boolean): { replies: Reply[]; files: NeededFile[] } {
  const files: NeededFile[] = []
  const replies = samples().map((sample, n): Reply => {
    const id = ReplyId.parse(`demo-reply-${n + 1}`)
    const messages = sample.texts.map(text)
    if (sample.picture && withFiles) {
      const file = picture(sample.picture, n)
      const attachmentId = AttachmentId.parse(`${id}-file`)
      files.push({ replyId: id, uploadedBy: sample.by, attachmentId, file })
      const { name, mime, bytes } = file
      messages.push({ kind: 'image', attachmentId, name, mime, size: bytes.length, ...PICTURE_SIZE })
    }
    return {
      id,
      folderId: sample.in.id,
      name: sample.name,
      messages,
      visibility: sample.for,
      ownerId: sample.by,
      updatedAt: now - (30 - n) * DAY,
    }
  })
  return { replies, files }
}
