// The web chatbox: one conversation over one WebSocket.
//
// Three parts, each knowing only the ones before it: the transcript (what is on the page, in
// `transcript.js`), the outbox (what the contact said and the server has not taken yet) and the line (the
// socket, its back-off and the protocol). Written for phones from 2019 on: no younger syntax, no
// framework, no build.

import { transcript } from './transcript.js';

const LONGEST = 1000;          // characters of one message, as the server counts them at most
const WORD_WITHIN = 15000;     // ms; a socket that owes us a word and stays silent longer is dead
const LATE_AFTER = 10000;      // ms without a line until a waiting message is shown as not sent
const QUIET_FOR = 800;         // ms a line may be away before we speak of it
const BACK_OFF = [500, 1000, 2000, 4000, 8000, 15000, 30000];
const BUSY_TRIES = 5;          // times a busy server is asked again before the contact is told

const NOT_TAKEN = 'Tin nhắn chưa gửi được, anh/chị vui lòng thử lại sau giây lát ạ.';

const byId = (id) => document.getElementById(id);
const log = byId('log');
const notice = byId('notice');
const composer = byId('composer');
const box = byId('text');
const menu = byId('menu');
const menuButton = byId('menu-button');
const embedded = window.parent !== window;
const hasMouse = window.matchMedia('(pointer: fine)').matches;

// ---- Memory: a browser may forbid storage (private mode, a frame on another site) ----------------

function memory(kind) {
  const own = new Map();
  let store = null;
  try { store = window[kind]; } catch (refused) { /* stays in `own` */ }
  return {
    get: (name) => {
      try { return store ? store.getItem(name) : own.get(name) || null; } catch (refused) { return own.get(name) || null; }
    },
    set: (name, value) => {
      own.set(name, value);
      try { if (store) store.setItem(name, value); } catch (refused) { store = null; }
    },
    remove: (name) => {
      own.delete(name);
      try { if (store) store.removeItem(name); } catch (refused) { store = null; }
    },
  };
}

const lasting = memory('localStorage');   // the session: outlives the tab
const ofTab = memory('sessionStorage');   // what this tab has yet to send: outlives a reload

function read(place, name, fallback) {
  try { return JSON.parse(place.get(name)) || fallback; } catch (damaged) { return fallback; }
}

/** A random UUID; `crypto.randomUUID` is younger than our phones and missing on plain http. */
function uuid() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = Array.from(bytes, (byte) => (byte + 256).toString(16).slice(1)).join('');
  return hex.replace(/(.{8})(.{4})(.{4})(.{4})(.{12})/, '$1-$2-$3-$4-$5');
}

let noticeTimer = 0;

/** One quiet line above the text box; `''` takes it away. */
function say(text, isBad, forMs) {
  clearTimeout(noticeTimer);
  if (notice.textContent !== text) notice.textContent = text;
  notice.classList.toggle('bad', Boolean(isBad));
  if (forMs) noticeTimer = setTimeout(say, forMs, '');
}

// ---- Outbox: said here, not yet taken by the server ----------------------------------------------

const outbox = (() => {
  const refused = new Set();   // ids the server would not take as they are; a tap tries them again
  let waiting = read(ofTab, 'thoai.waiting', []);
  if (!Array.isArray(waiting)) waiting = [];
  waiting = waiting.filter((one) => one && one.frame && typeof one.frame.id === 'string');

  function keep() {
    if (waiting.length) ofTab.set('thoai.waiting', JSON.stringify(waiting));
    else ofTab.remove('thoai.waiting');
  }

  function show(one) {
    const words = one.frame.type === 'choice' ? one.frame.title : one.frame.text;
    transcript.said(one.frame.id, String(words), new Date(Number(one.at) || Date.now()));
    transcript.fate(one.frame.id, 'sending');
  }

  waiting.forEach(show);
  return {
    add(frame) {
      const one = { frame: frame, at: Date.now() };
      waiting.push(one);
      keep();
      show(one);
    },
    all: () => waiting.map((one) => one.frame),
    /** What should be on its way, in the order in which it was said. */
    due: () => waiting.map((one) => one.frame).filter((frame) => !refused.has(frame.id)),
    taken(id) {
      refused.delete(id);
      waiting = waiting.filter((one) => one.frame.id !== id);
      keep();
    },
    refuse: (id) => refused.add(id),
    allow: (id) => refused.delete(id),
  };
})();

// ---- Line: the socket and the protocol -----------------------------------------------------------

const line = (() => {
  const readers = new Map([['welcome', welcome], ['entry', entry], ['ack', ack], ['error', refused]]);
  const timers = {};           // by name, so that each runs at most once at a time
  let socket = null;
  let welcomed = false;
  let away = false;            // there is no line, and the timers that tell the contact run
  let since = 0;               // when the server last welcomed us
  let failures = 0;            // connections in a row that did not last
  let busy = 0;                // answers in a row that said "later"
  let seen = -1;               // number of the last entry on the page
  let flows = [];              // the menu of what the bot can do
  let opening = takeReference();

  function start(name, ms, act) {
    stop(name);
    timers[name] = setTimeout(() => { delete timers[name]; act(); }, ms);
  }

  function stop(name) {
    clearTimeout(timers[name]);
    delete timers[name];
  }

  /** The link's reference, once. It may be a secret, so it leaves the address bar before anything is
      sent; it is kept for a reload until the server has it. */
  function takeReference() {
    const address = new URL(location.href);
    const reference = address.searchParams.get('ref');
    if (reference === null) return read(ofTab, 'thoai.opening', { id: uuid(), ref: null });
    const fresh = { id: uuid(), ref: reference };
    ofTab.set('thoai.opening', JSON.stringify(fresh));
    address.searchParams.delete('ref');
    history.replaceState(null, '', address.pathname + address.search + address.hash);
    return fresh;
  }

  function connect() {
    stop('again');
    const address = new URL('/chat/ws', location.href);
    address.protocol = location.protocol === 'https:' ? 'wss:' : 'ws:';
    const mine = new WebSocket(address.href);
    socket = mine;
    expectWord();
    // `id` is this opening's own: a hello repeated because the welcome was lost is not a second visit.
    mine.onopen = () => put({
      type: 'hello', session: lasting.get('thoai.session'), ref: opening.ref, after: seen, id: opening.id,
    });
    mine.onmessage = (event) => receive(event.data);
    mine.onclose = lost;
  }

  /** Forgets the connection, so that whatever it still brings is not heard. */
  function drop() {
    if (socket) {
      socket.onopen = socket.onmessage = socket.onclose = null;
      socket.close();
    }
    socket = null;
    welcomed = false;
    stop('word');
  }

  /** The connection is gone, or is given up: the contact is told only if it stays away. */
  function lost() {
    if (welcomed && Date.now() - since > 5000) failures = 0;
    drop();
    start('again', BACK_OFF[Math.min(failures, BACK_OFF.length - 1)] * (0.75 + Math.random() / 2), connect);
    failures += 1;
    absent('Đang kết nối lại…');
  }

  /** Once an absence, not once a try: what is said of it later would be overwritten. */
  function absent(words) {
    if (away) return;
    away = true;
    start('quiet', QUIET_FOR, () => say(words));
    start('late', LATE_AFTER, giveUpWaiting);
  }

  function giveUpWaiting() {
    const waiting = outbox.all();
    for (const frame of waiting) transcript.fate(frame.id, 'failed', () => again(frame.id));
    if (waiting.length) say('Đang mất kết nối. Tin nhắn sẽ tự gửi lại khi có mạng ạ.');
  }

  function again(id) {
    outbox.allow(id);
    transcript.fate(id, 'sending');
    busy = 0;
    if (welcomed) flush();
    else wait();
  }

  /** Something is to be sent and there is no line: one try at once, then a word about it. */
  function wait() {
    hurry();
    if (!timers.late) start('late', LATE_AFTER, giveUpWaiting);
  }

  function put(frame) { socket.send(JSON.stringify(frame)); }

  /** From now on the server owes us a word; without it the line counts as dead. */
  function expectWord() { start('word', WORD_WITHIN, lost); }

  function settled() {
    if (outbox.due().length) expectWord();
    else stop('word');
  }

  function flush() {
    stop('busy');
    for (const frame of outbox.due()) {
      transcript.fate(frame.id, 'sending');
      put(frame);
    }
    settled();
  }

  function receive(text) {
    let frame = null;
    try { frame = JSON.parse(text); } catch (damaged) { return; }
    const read = frame && readers.get(frame.type);
    if (read) read(frame);
  }

  function welcome(frame) {
    if (typeof frame.session !== 'string') return;
    const before = lasting.get('thoai.session');
    lasting.set('thoai.session', frame.session);
    ofTab.remove('thoai.opening');
    opening = { id: opening.id, ref: null };
    if (before && before !== frame.session && seen >= 0) {
      // Another conversation has begun: what is on the page belongs to the old one.
      seen = -1;
      transcript.clear();
      drop();
      connect();
      return;
    }
    welcomed = true;
    away = false;
    since = Date.now();
    flows = tappable(frame.menu);
    fillMenu(flows);
    ['quiet', 'late'].forEach(stop);
    say('');
    if (seen < 0) restoring();
    flush();
  }

  /** A screen reader should not read the whole history out: the log is busy until it pauses. */
  function restoring() {
    log.setAttribute('aria-busy', 'true');
    start('history', 300, () => log.removeAttribute('aria-busy'));
  }

  function entry(frame) {
    if (!Number.isSafeInteger(frame.number) || frame.number <= seen || typeof frame.text !== 'string') return;
    seen = frame.number;
    if (timers.history) restoring();
    const at = new Date(frame.at);
    const from = frame.from === 'contact' ? 'contact' : 'bot';
    if (from === 'contact') outbox.taken(frame.id);
    const { number, text, id, image } = frame;
    // Whoever has said nothing yet and is offered nothing sees what there is to begin with.
    const offered = tappable(frame.choices);
    const choices = offered.length || log.querySelector('.contact') ? offered : flows;
    transcript.entry({ number, from, text, id, image, choices, at: isNaN(at) ? new Date() : at }, choose);
    settled();
  }

  function ack(frame) {
    outbox.taken(frame.id);
    transcript.fate(frame.id, 'sent');
    busy = 0;
    settled();
  }

  /** What the server would not take. `busy` and `unavailable` pass, the others do not. Frames are
      answered in order, so an error without an id is about the oldest that waits. */
  function refused(frame) {
    const passing = frame.code === 'busy' || frame.code === 'unavailable';
    if (!welcomed) {
      // It is about the hello. A session that cannot even be read is of no more use.
      if (frame.code === 'bad_frame') lasting.remove('thoai.session');
      lost();
      return;
    }
    say(typeof frame.text === 'string' && frame.text ? frame.text : NOT_TAKEN, !passing, 8000);
    if (passing && busy < BUSY_TRIES) {
      busy += 1;
      stop('word');
      if (!timers.busy) start('busy', BACK_OFF[busy], () => { if (welcomed) flush(); });
      return;
    }
    const about = typeof frame.id === 'string' ? frame.id : (outbox.due()[0] || {}).id;
    outbox.refuse(about);
    transcript.fate(about, 'failed', () => again(about));
    settled();
  }

  function tappable(list) {
    return (Array.isArray(list) ? list : [])
      .filter((choice) => choice && typeof choice.title === 'string' && typeof choice.payload === 'string');
  }

  function choose(choice) {
    send({ type: 'choice', id: uuid(), payload: choice.payload, title: choice.title });
  }

  function send(frame) {
    outbox.add(frame);
    if (welcomed) {
      put(frame);
      settled();
    } else wait();
  }

  /** The network is back, or the page is looked at again: no reason to sit out the back-off. */
  function hurry() {
    if (socket) return;
    failures = 0;
    connect();
  }

  window.addEventListener('online', hurry);
  document.addEventListener('visibilitychange', () => { if (!document.hidden) hurry(); });
  absent('Đang kết nối…');
  connect();
  return { text: (text) => send({ type: 'text', id: uuid(), text: text }), choose };
})();

// ---- The contact's hands -------------------------------------------------------------------------

function fit() {
  box.style.height = 'auto';
  box.style.height = box.scrollHeight + 2 + 'px';
}

composer.addEventListener('submit', (event) => {
  event.preventDefault();
  const text = box.value.trim().slice(0, LONGEST);
  box.focus();
  if (!text) return;
  box.value = '';
  fit();
  line.text(text);
});

box.addEventListener('input', () => {
  fit();
  const left = LONGEST - box.value.length;
  if (left <= 50) say('Anh/chị còn nhập được ' + left + ' ký tự.', false, 4000);
});

box.addEventListener('keydown', (event) => {
  // While an input method composes a letter (Telex, VNI), Enter belongs to it.
  if (event.key !== 'Enter' || event.shiftKey || event.isComposing || event.keyCode === 229) return;
  event.preventDefault();
  composer.dispatchEvent(new Event('submit', { cancelable: true }));
});

/** Puts what the bot can do above what the page itself offers. */
function fillMenu(choices) {
  menu.querySelectorAll('.flow').forEach((item) => item.remove());
  menu.prepend(...choices.map((choice) => {
    const item = document.createElement('li');
    const button = document.createElement('button');
    item.className = 'flow';
    button.type = 'button';
    button.textContent = choice.title;
    button.addEventListener('click', () => line.choose(choice));
    item.append(button);
    return item;
  }));
}

function showMenu(open) {
  menu.hidden = !open;
  menuButton.setAttribute('aria-expanded', String(open));
}

menuButton.addEventListener('click', () => { showMenu(menu.hidden); });
menu.addEventListener('click', (event) => {
  const item = event.target.closest('button');
  if (!item) return;
  showMenu(false);
  menuButton.focus();
  if (item.dataset.say) line.text(item.dataset.say);
});
document.addEventListener('click', (event) => {
  if (!menu.hidden && !menu.contains(event.target) && !menuButton.contains(event.target)) showMenu(false);
});
document.querySelector('.top').addEventListener('focusout', (event) => {
  if (!menu.hidden && event.relatedTarget && !event.currentTarget.contains(event.relatedTarget)) showMenu(false);
});

// The page around us only learns that we want to be closed, which is no secret: hence '*'.
function leave() { window.parent.postMessage({ thoai: 'close' }, '*'); }

document.addEventListener('keydown', (event) => {
  if (event.key !== 'Escape' || event.isComposing) return;
  if (!menu.hidden) {
    showMenu(false);
    menuButton.focus();
  } else if (embedded) leave();
});
byId('close').hidden = !embedded;
byId('close').addEventListener('click', leave);

if (hasMouse) {
  window.addEventListener('focus', () => { if (document.activeElement === document.body) box.focus(); });
  if (!embedded) box.focus();
}
