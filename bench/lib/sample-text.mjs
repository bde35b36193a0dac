/*
 * Text like that of users and models: English mostly, with typographic marks, quotes, line breaks and code now
 * and then, and every eighth piece of another language. Repeated text would compress as no real one does.
 */
const NOUNS =
  'account answer agent assistant article budget calendar case change client contract customer data date delivery department document employee error example feature file form invoice issue item language law letter list location manager market meeting message model month name number office order page partner payment person plan policy price problem process product project question reason region report request result review role rule sale service site source step summary supplier system table team term ticket time tool topic user value version week word year'.split(
    ' ',
  );
const VERBS =
  'accepts adds asks assigns books buys calls cancels changes checks closes confirms contains covers creates describes explains finds follows gives includes keeps lists loses mentions names needs offers opens pays plans provides reads receives refuses renews replaces reports requires returns reviews sends shows signs starts stops summarises takes tells updates uses writes'.split(
    ' ',
  );
const OTHERS =
  'a the each every this that our their new old last next first open annual average current European final general important internal large late legal local monthly necessary possible previous private public quarterly recent regional relevant short similar specific technical valid weekly'.split(
    ' ',
  );
const LINKS = ['and', 'because', 'before', 'after', 'while', 'if', 'although', 'so that', 'as soon as'];
const FOREIGN = [
  'Bitte fassen Sie die wesentlichen Änderungen für das nächste Quartal kurz zusammen.',
  'Die Lieferung verzögert sich; darüber müssen wir die Kundin möglichst früh unterrichten.',
  'Пожалуйста, проверьте статус заказа и сообщите клиенту о новой дате доставки.',
  'В приложении вы найдёте договор, который нужно подписать до конца месяца.',
  'कृपया ग्राहक के अनुरोध का सारांश बनाएँ और अगला कदम बताएँ।',
  '请根据上述文件回答问题,如果没有相关信息,请说明。',
  '订单已发货,预计三个工作日内送达。',
  'Merci de vérifier l’échéance du contrat – le client à Genève attend une réponse dès aujourd’hui.',
  'お問い合わせありがとうございます。担当者が確認してご連絡します 👍',
];
const SENTENCES = 4000;

/** Numbers from 0 to 1 that are the same in every run (mulberry32). */
function numbers(seed) {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

const random = numbers(1);
const pick = (list) => list[Math.floor(random() * list.length)];
const english = Array.from({ length: SENTENCES }, sentence).map(sized);
const foreign = FOREIGN.map((text) => sized(`${text} `));

function sentence() {
  const clause = () =>
    [pick(OTHERS), pick(OTHERS), pick(NOUNS), pick(VERBS), pick(OTHERS), pick(NOUNS)].join(' ');
  const text = random() < 0.6 ? `${clause()} ${pick(LINKS)} ${clause()}` : clause();
  const chance = random();
  if (chance < 0.02) return `${text} – see “${pick(NOUNS)} ${Math.floor(random() * 1000)}”. `;
  if (chance < 0.08) return `"${text}", said the ${pick(NOUNS)}. `;
  if (chance < 0.18) return `${text}.\n\n`;
  if (chance < 0.2)
    return `{"${pick(NOUNS)}": [${random().toFixed(4)}, "C:\\${pick(NOUNS)}\\${pick(NOUNS)}"]} `;
  return `${text[0].toUpperCase()}${text.slice(1)}. `;
}

function sized(text) {
  return { text, bytes: Buffer.byteLength(text) };
}

/**
 * @param {number} index a document
 * @param {number} part a place in it
 * @param {number} bytes about how long it is in UTF-8
 */
export function sampleText(index, part, bytes) {
  const sentences = index % 8 === 7 ? foreign : english;
  let at = (Math.imul(index, 7919) + Math.imul(part, 104_729)) >>> 0;
  let text = '';
  for (let length = 0; length < bytes; at += 1) {
    const next = sentences[at % sentences.length];
    text += next.text;
    length += next.bytes;
  }
  return text;
}
