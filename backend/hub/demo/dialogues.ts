/**
 * What customers and members say to each other, a visit at a time. `c` is the customer, `m` the member, `n` a note for
 * colleagues, `p` a picture from the customer, `d` a document from the member; ` / ` parts wordings to choose from.
 * `{places}` are filled by `words.ts`.
 */
import type { Language } from './people.ts'

export type Voice = 'c' | 'm' | 'n' | 'p' | 'd'
export type Dialogue = { language: Language; lines: readonly (readonly [Voice, string])[] }

function dialogue(text: string, language: Language = 'zh'): Dialogue {
  const lines = text
    .trim()
    .split('\n')
    .map((line): [Voice, string] => {
      const voice = (['c', 'm', 'n', 'p', 'd'] as const).find((one) => line.trim().startsWith(`${one} `))
      if (!voice) throw new Error(`a line of a dialogue has no voice: ${line}`)
      return [voice, line.trim().slice(2)]
    })
  return { language, lines }
}

const zh = [
  `c {hello}，請問{cup}還有現貨嗎？ / {hello}，想問{cup}的{colour}還買得到嗎？
   m {welcome}{moment}
   m {cup}目前{colour}還有 {count} 個，{store}跟官網都能買到。 / 有的！{cup}的{colour}今天剛到貨。
   c 可以微波嗎？ / 請問可以進洗碗機嗎？ / 容量大概多少？
   m 可以微波，但建議不要放烤箱；容量是 350 ml。 / 可以放洗碗機，也可以微波喔。
   c 好，那我直接在官網下單 / {thanks}
   m {bye}`,
  `c {hello}，我的訂單 {order} 什麼時候會到？ / {hello} 想查一下訂單 {order} 的進度
   m {welcome}{moment}
   c {wait}
   m 您的訂單昨天已經出貨了，配送方式是{ship}，預計{day}送達。 / 幫您查到了，{ship}目前配送中，大約{day}會到。
   c 可以改成{day}再送嗎？那天家裡才有人 / 有貨運單號嗎？
   m 沒問題，已經幫您備註給物流，送達前司機會先打電話。 / 單號剛剛已經用簡訊傳給您了，您再看一下。
   c {thanks}
   m {bye}`,
  `c 我收到的{item}{flaw}，請問怎麼處理？ / {hello}，昨天收到包裹，{item}{flaw} 😢
   m 非常抱歉造成您的困擾！可以麻煩您拍張照片給我們嗎？
   p 商品照片.png
   m 謝謝您，我們已經看到狀況了，可以為您換一個新的，或是全額退款。
   n 訂單 {order}，{item}{flaw}，同批已有 {n} 件類似反應，請倉庫留意。
   c 那換新的好了 / 退款好了，我之後再買
   m 好的，{day}會請{ship}到府收件，新品同時寄出，運費由我們負擔。 / 好的，退款會在 7 個工作天內退回原付款方式。
   c {thanks}`,
  `c 請問{wear}的{size}適合多高的人穿？ / {hello}，我 165 公分 55 公斤，{wear}要買什麼尺寸？
   m {welcome}這款版型比較寬鬆，{size}大約適合 160～168 公分。
   c 有{colour}嗎？
   m 有的，{colour}的{size}還有 {count} 件。 / 不好意思，{colour}目前只剩線上預購，大約兩週到貨。
   c 穿過一次洗了會縮水嗎
   m 有做過預縮處理，建議冷水手洗、不要烘乾，就不太會縮。
   c {thanks}
   m {bye}`,
  `c {hello}，想預約{day}{time}到{store}看{item}，可以嗎？ / 請問{store}可以預約{day}{time}的選物諮詢嗎？
   m {welcome}{moment}
   m {day}{time}可以喔，請問怎麼稱呼您、大約幾位呢？
   c 兩位，謝謝 / 一位就好
   m 好的，已經為您預約{store} {day}{time}，到店時告訴門市人員就可以了。
   n 已在門市行事曆登記，請{store}同仁準備{item}樣品。
   c {thanks}`,
  `c 我的會員點數怎麼變少了？ / {hello}，請問我現在有多少點數？
   m {welcome}方便提供會員編號或手機末三碼嗎？
   c 末三碼 {n}{n}8
   m 查到了，您目前有 {points} 點，其中一部分到本月底到期喔。 / 您目前累積 {points} 點，可以折抵 {n}0 元。
   c 點數可以在門市用嗎？ / 可以一次全部折抵嗎？
   m 可以的，門市與官網都能使用，結帳時說一聲就好。 / 每筆訂單最多可以折抵 20%，剩下的會保留。
   c {thanks}
   m {bye}`,
  `c {hello}，公司想訂 {bulk} 份{food}當年節禮盒，有優惠嗎？
   m {welcome}企業訂購 {bulk} 份可以有優惠喔，請問希望什麼時候收到、需要分寄嗎？
   c 下個月初，要分寄三個地址
   m 了解，我請企業採購的同事整理報價給您。
   n {food} {bulk} 份、三個地址，預算每份 {price} 元左右，請業務今天回覆。
   d 企業採購報價單.pdf
   m 報價單已經附上，含客製小卡與分寄運費，您看看有沒有需要調整的。
   c 收到，我跟主管討論一下 / 價格可以，請問怎麼付款？
   m 沒問題，有任何想調整的地方都可以跟我說。 / 可以匯款或線上刷卡，我把連結傳給您：https://gooddays.example/b2b`,
  `c 你們{store}今天開到幾點？ / {hello}，{store}附近好停車嗎？
   m {welcome}{store}營業時間是 11:00～21:30。
   c 到那邊有{item}可以看嗎？
   m 有的，{item}在一樓進門右手邊，也歡迎請門市人員幫您介紹。
   c {thanks}`,
  `c 請問{food}的保存期限多久？ / {hello}，{food}可以寄到離島嗎？
   m {welcome}{food}未開封常溫可以放六個月，開封後建議兩週內吃完。 / 可以的，離島運費是 {n}0 元起，大約 3～5 天。
   c 有無糖的嗎？我媽媽有糖尿病 / 素食可以吃嗎？
   m 有一款減糖的，每份 {price} 元，成分表都有標示。 / 這款是蛋奶素，全素的話推薦有機堅果。
   c 好，那我要 {count} 盒 / {thanks}
   m 可以直接在這裡下單喔：https://gooddays.example/food`,
  `c 我要退貨 / {hello}，{wear}穿起來不合身，可以退嗎？
   m 可以的，到貨七天內、吊牌未拆都可以退。方便給我訂單編號嗎？
   c {order}
   m 收到，已為您申請退貨，{ship}會在{day}到府收件。
   c 收件要自己準備箱子嗎？ / 退款多久會下來？
   m 用原本的包裝就可以，貼上退貨單即可。 / 我們收到後 3～5 個工作天內會退到原本的信用卡。
   c {thanks}
   m {bye}`,
  `c 等了兩個禮拜還沒收到，你們到底有沒有出貨？ / 客服電話都沒人接，太誇張了吧
   m 真的非常抱歉讓您等這麼久，我立刻為您確認訂單。
   c 訂單 {order}
   n 客人情緒比較激動，{order} 卡在轉運站，已請物流主管處理，務必今天回電。
   m 查到了，包裹在轉運站延誤，已經請物流優先配送，{day}一定會送到，並補償您 {points} 點購物金。
   c 好吧，希望不要再拖了 / 這次就算了，請你們注意一下
   m 謝謝您的體諒，我會追蹤到您收到為止。
   c 嗯，謝謝`,
  `c 想送朋友生日禮物，預算 {price} 左右，有推薦的嗎？ / {hello}，想找入厝禮，有沒有推薦？
   m {welcome}請問對方是男生還是女生呢？平常喜歡下廚嗎？
   c 女生，滿喜歡喝茶的 / 是一對新婚夫妻
   m 那很推薦{cup}搭配{food}的禮盒組，{price} 元，含包裝跟手寫卡片。
   p 參考款式.png
   c 我想要像這樣的風格
   m 這個風格我們有類似的{item}，{colour}很接近，可以換進禮盒裡喔。
   c 太棒了，就這個
   m 好的，已經幫您留一組，付款連結：https://gooddays.example/gift`,
  `c {item}什麼時候會補貨？ / 等{colour}的{item}等好久了，還會進嗎
   m {welcome}{item}預計月底到貨，需要幫您設定到貨通知嗎？
   c 好，麻煩了
   m 設定好了，到貨當天會第一時間通知您。
   c {thanks}`,
  `c 請問可以開統編嗎？ / {hello}，發票 {invoice} 可以改成三聯式嗎？
   m 可以的，請提供公司抬頭與統一編號。
   c 抬頭：小島設計有限公司，統編 {n}0000000
   m 收到，電子發票會在三天內寄到您的信箱。
   d 電子發票證明聯.pdf
   c {thanks}
   m {bye}`,
  `c 鑄鐵鍋第一次使用要開鍋嗎？
   m {welcome}需要喔，先用溫水洗淨、小火烘乾，再抹一層薄薄的油，靜置一晚就可以了。
   c 生鏽了怎麼辦？
   m 輕微鏽斑用鋼刷刷掉，再重新養一次鍋即可。詳細圖文在這裡：https://gooddays.example/care
   c 太詳細了，{thanks}
   m {bye}`,
  `c 週年慶活動到什麼時候？ / 現在官網有什麼優惠嗎？
   m {welcome}目前全館滿 1,500 折 150，會員再享 95 折，到這個月底。
   c 可以跟生日禮金一起用嗎？
   m 可以的，生日禮金可以跟滿額折扣併用，一筆訂單限用一張。
   c 讚👍 / {thanks}
   m {bye}`,
].map((text) => dialogue(text))

const abroad = [
  dialogue(
    `c Hi! Do you ship to Singapore? / Hello, can you send the {item} to Hong Kong?
     m Hello! Yes, we do. Shipping takes about 5 to 7 working days.
     c Great. How much is it for {count} cups?
     m It is NT$ {price} by air. Orders over NT$ 5,000 ship free.
     c Perfect, I will order tonight. Thank you!
     m Our pleasure! Let us know if you need anything.`,
    'en',
  ),
  dialogue(
    `c Hi, my order {order} arrived today but one cup is broken 😢
     m We are so sorry! Could you send us a picture?
     p broken-cup.png
     m Thank you. We will send you a new one tomorrow, free of charge.
     n 海外客人，{order} 運送破損，補寄一個，請加強包裝。
     c Wow, that was quick. Thanks a lot!
     m You are welcome, and sorry again for the trouble.`,
    'en',
  ),
  dialogue(
    `c こんにちは。日本への発送はできますか？
     m こんにちは！はい、日本にも発送しております。送料は {price} 元です。
     c 何日くらいで届きますか？
     m 通常 4〜6 日ほどでお届けいたします。
     c ありがとうございます！注文します。
     m ありがとうございます。またいつでもご連絡ください 🌸`,
    'ja',
  ),
]

const all: readonly Dialogue[] = [...zh, ...abroad]

/** The dialogues in a language. */
export function dialoguesIn(language: Language): [Dialogue, ...Dialogue[]] {
  const [first, ...rest] = all.filter((one) => one.language === language)
  if (!first) throw new Error(`no dialogue in ${language}`)
  return [first, ...rest]
}

/** What a customer who waits has just written, by language. */
export const OPENINGS: Record<Language, [string, ...string[]]> = {
  zh: [
    '{hello}，請問{item}{store}有展示嗎？',
    '{hello}，訂單 {order} 可以改地址嗎？',
    '昨天買的{wear}想換{size}號，可以嗎？',
    '請問{food}現在下單{day}到得了嗎？',
    '{cup}有整組的優惠嗎？',
    '我的點數好像沒有加到，可以幫我看一下嗎',
    '想預約{day}{time}到{store}',
    '請問有人在嗎？',
    '包裹顯示已送達但我沒收到',
    '{hello}，我想買{item}送人，可以包裝嗎？🎁',
  ],
  en: ['Hi, is the {item} still available?', 'Hello, I would like to change my delivery address for {order}.'],
  ja: ['こんにちは、注文 {order} について質問があります。'],
}

/** What comes after it while nobody answers. */
export const WAITING: Record<Language, [string, ...string[]]> = {
  zh: [
    '還在嗎？',
    '麻煩幫我看一下，謝謝',
    '有點急，{day}就要用了',
    '？',
    '我的訂單編號是 {order}',
    '再麻煩回覆我一下 🙏',
  ],
  en: ['Anyone there?', 'It is a bit urgent, sorry!'],
  ja: ['よろしくお願いいたします。'],
}

/** One more word of thanks at a visit's end. */
export const LAST_WORD: Record<Language, [string, ...string[]]> = {
  zh: ['{thanks}', '👍', '辛苦了', '🙏', '收到囉', '好的～'],
  en: ['Thanks again!', '👍'],
  ja: ['ありがとうございました。'],
}
