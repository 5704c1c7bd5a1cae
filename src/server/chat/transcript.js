// What is on the page: bubbles, their small lines, the choices on offer. Everything a server or a person
// wrote gets here as text nodes, never as markup; a picture is an https address and nothing else. Knows nothing of sockets; `chat.js` tells it what happened.

const log = document.getElementById('log');

function element(name, className, text) {
  const made = document.createElement(name);
  if (className) made.className = className;
  if (text !== undefined) made.textContent = text;
  return made;
}

/** Text with its http(s) addresses made clickable; anything else, `javascript:` too, stays text. */
function linked(parent, text) {
  let done = 0;
  for (const found of text.match(/https?:\/\/[^\s<>"]+/gi) || []) {
    const address = found.replace(/[.,;:!?)\]}'’”…]+$/, '');
    const start = text.indexOf(found, done);
    let target = null;
    try { target = new URL(address); } catch (notAnAddress) { continue; }
    const link = element('a', '', address);
    link.href = target.href;
    link.target = '_blank';
    link.rel = 'noopener noreferrer';
    parent.append(text.slice(done, start), link);
    done = start + address.length;
  }
  parent.append(text.slice(done));
}

const timeOfDay = new Intl.DateTimeFormat('vi-VN', { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' });
const dayAndYear = new Intl.DateTimeFormat('vi-VN', { day: '2-digit', month: '2-digit', year: 'numeric' });

function dayOf(at) {
  const days = Math.round((new Date().setHours(0, 0, 0, 0) - new Date(at).setHours(0, 0, 0, 0)) / 86400000);
  return days === 0 ? 'Hôm nay' : days === 1 ? 'Hôm qua' : dayAndYear.format(at);
}

const own = new Map();       // client id -> message element, of what the contact said in this tab
let choices = null;          // the buttons on offer; only the newest message may have any
let following = true;        // the contact reads at the end, not further up

/** A picture above the words. It tells the site it comes from nothing of this page. */
function picture(address) {
  const shown = element('img', 'picture');
  shown.alt = 'Hình ảnh';
  shown.referrerPolicy = 'no-referrer';
  shown.addEventListener('load', follow);
  shown.src = address;
  return shown;
}

function bubble(from, text, at, image) {
  const message = element('div', 'message ' + from);
  const words = element('p', 'bubble');
  words.append(element('span', 'unseen', from === 'bot' ? 'MobiFone: ' : 'Anh/chị: '));
  linked(words, text);
  const fate = element('p', 'fate');
  fate.setAttribute('aria-live', 'off');
  message.append(element('p', 'day'));
  if (/^https:/i.test(image || '')) message.append(picture(image));
  if (text || !image) message.append(words);
  message.append(fate);
  message.at = at;
  setFate(message, 'sent');
  return message;
}

/** The small line under a bubble: its time, or what has become of it so far. */
function setFate(message, fate, retry) {
  const line = message.querySelector('.fate');
  const words = { sending: 'Đang gửi…', failed: 'Chưa gửi được.' }[fate];
  message.classList.toggle('failed', fate === 'failed');
  line.classList.toggle('open', Boolean(words));
  line.textContent = words || timeOfDay.format(message.at);
  if (!retry) return;
  const again = element('button', 'retry', 'Gửi lại');
  again.type = 'button';
  again.addEventListener('click', () => { keepFocus(); retry(); });
  line.append(again);
}

/** A focused button is about to go: without this the focus would fall to the top of the page. */
function keepFocus() {
  if (log.contains(document.activeElement)) log.focus({ preventScroll: true });
}

function clearChoices() {
  if (!choices) return;
  keepFocus();
  choices.remove();
  choices = null;
}

/** Sets the day line and the spacing, which follow from the message above. */
function group(message) {
  const before = message.previousElementSibling;
  const newDay = !before || dayOf(before.at) !== dayOf(message.at);
  const joined = !newDay && before.classList.contains('bot') === message.classList.contains('bot');
  const day = message.querySelector('.day');
  day.hidden = !newDay;
  day.textContent = newDay ? dayOf(message.at) : '';
  message.classList.toggle('joined', joined);
  if (before) before.classList.toggle('last', !joined);
  if (!message.nextElementSibling) message.classList.add('last');
}

/** Puts a message above `below`, or at the end. */
function place(message, below) {
  const left = message.nextElementSibling;
  const stays = message.parentNode && left === (below || null);
  if (!stays) log.insertBefore(message, below || null);   // moving it would have it read out again
  for (const moved of [left, message, message.nextElementSibling]) if (moved) group(moved);
}

function offer(message, offered, choose) {
  choices = element('div', 'choices');
  choices.setAttribute('role', 'group');
  choices.setAttribute('aria-label', 'Chọn câu trả lời');
  for (const choice of offered) {
    const button = element('button', '', choice.title);
    button.type = 'button';
    button.addEventListener('click', () => choose(choice));
    choices.append(button);
  }
  message.append(choices);
}

function follow() { if (following) log.scrollTop = log.scrollHeight; }

log.addEventListener('scroll', () => { following = log.scrollHeight - log.scrollTop - log.clientHeight < 80; });
// A keyboard that slides in shortens the log: its end should stay in sight.
window.addEventListener('resize', follow);

export const transcript = {
  /** Shows at once what the contact has just said. */
  said(id, text, at) {
    clearChoices();
    const message = bubble('contact', text, at);
    message.classList.add('waiting', 'fresh');
    own.set(id, message);
    log.append(message);
    group(message);
    following = true;
    follow();
  },
  /** `sending`, `sent`, or `failed` with what a tap on "Gửi lại" does. */
  fate(id, fate, retry) {
    const message = own.get(id);
    const isToldAlready = message && fate === 'failed' && message.classList.contains('failed');
    if (!message || isToldAlready) return;   // its button may have the focus
    if (fate === 'sent') message.classList.remove('waiting');
    setFate(message, fate, retry);
    follow();
  },
  /** Takes in one entry of the server's transcript. */
  entry(entry, choose) {
    const messages = Array.from(log.children);
    let message = entry.from === 'contact' ? own.get(entry.id) : undefined;
    clearChoices();
    if (message) {
      // It stands where it was said; the server may have put other lines before it.
      message.at = entry.at;
      message.classList.remove('waiting');
      setFate(message, 'sent');
      const newest = messages.filter((one) => one.number !== undefined).pop();
      const isAbove = newest && messages.indexOf(message) < messages.indexOf(newest);
      place(message, isAbove ? newest.nextElementSibling : message.nextElementSibling);
    } else {
      message = bubble(entry.from, entry.text, entry.at, entry.image);
      if (!log.hasAttribute('aria-busy')) message.classList.add('fresh');
      place(message, messages.find((one) => one.classList.contains('waiting')));
    }
    message.number = entry.number;
    const isNewest = !message.nextElementSibling;
    if (entry.from === 'bot' && isNewest && entry.choices.length) offer(message, entry.choices, choose);
    follow();
  },
  /** Takes away all but what still waits to be sent. */
  clear() {
    clearChoices();
    for (const message of Array.from(log.children)) if (!message.classList.contains('waiting')) message.remove();
    Array.from(log.children).forEach(group);
  },
};
