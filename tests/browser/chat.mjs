// What a person does with the chatbox, done by a headless Chromium:
//   node tests/browser/chat.mjs <base url> <folder for screenshots> [port of the other site]
// Part one talks to the server behind <base url>. Part two puts a scripted server in its place, to show
// what a bad network and hostile texts do to the page. Prints one line a check and exits 1 if any fails.

import assert from 'node:assert/strict';
import fs from 'node:fs';
import http from 'node:http';
import { createRequire } from 'node:module';
import path from 'node:path';
import { chromium } from 'playwright-core';

const [base, folder, sitePort = '0'] = process.argv.slice(2);
if (!base || !folder) {
  console.error('usage: node chat.mjs <base url> <folder for screenshots> [port of the other site]');
  process.exit(2);
}
fs.mkdirSync(folder, { recursive: true });
const axe = fs.readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const PATIENCE = 15_000;
const PHONE = { viewport: { width: 320, height: 568 }, hasTouch: true, isMobile: true, deviceScaleFactor: 2, colorScheme: 'dark' };
const DESKTOP = { viewport: { width: 1280, height: 800 }, colorScheme: 'light' };

let passed = 0;
const failures = [];

async function check(name, act) {
  try {
    await act();
    passed += 1;
    console.log(`ok    ${name}`);
  } catch (error) {
    failures.push(name);
    console.log(`FAIL  ${name}\n      ${String(error.message ?? error).split('\n').slice(0, 12).join('\n      ')}`);
  }
}

/** A new person's page. Whatever the browser complains of is kept in `page.complaints`. */
async function visit(browser, options) {
  const context = await browser.newContext({ locale: 'vi-VN', timezoneId: 'Asia/Ho_Chi_Minh', ...options });
  context.setDefaultTimeout(PATIENCE);
  const page = await context.newPage();
  page.complaints = [];
  page.on('pageerror', (error) => page.complaints.push(String(error)));
  page.on('console', (message) => ['error', 'warning'].includes(message.type()) && page.complaints.push(message.text()));
  return page;
}

/** `page` may also be a frame: the chatbox inside another site. */
function chatbox(page) {
  const box = page.getByLabel('Tin nhắn của anh/chị');
  const bot = page.locator('.message.bot');
  return {
    page,
    box,
    bot,
    mine: page.locator('.message.contact'),
    all: page.locator('.message'),
    choices: page.getByRole('group', { name: 'Chọn câu trả lời' }).getByRole('button'),
    notice: page.locator('#notice'),
    /** Waits until the newest message is the bot's and says this. */
    async hears(words) {
      await page.locator('.message.bot:last-child .bubble').filter({ hasText: words }).waitFor();
    },
    async types(text) {
      await box.fill(text);
      await box.press('Enter');
    },
    async taps(title) {
      await this.choices.filter({ hasText: new RegExp(`^${title}$`) }).click();
    },
    async texts() {
      return page.locator('.bubble').allTextContents();
    },
  };
}

async function accessible(page) {
  await page.evaluate(axe);   // a script tag would be stopped by the page's policy
  const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'];
  const { violations } = await page.evaluate((values) => window.axe.run(document, { iframes: false, runOnly: { type: 'tag', values } }), tags);
  const told = violations.map((one) => `${one.id}: ${one.nodes.map((node) => node.target.join(' ')).join(', ')}`);
  assert.deepEqual(told, []);
}

async function fitsItsWidth(page) {
  const [wide, room] = await page.evaluate(() => [document.documentElement.scrollWidth, window.innerWidth]);
  assert.ok(wide <= room, `the page is ${wide} px wide on a screen of ${room}`);
}

async function shot(page, name) {
  await page.screenshot({ path: path.join(folder, `${name}.png`), animations: 'disabled' });
}

// ---- Part one: against the server ------------------------------------------------------------------

async function wholeConversation(browser, size, options) {
  const page = await visit(browser, options);
  const chat = chatbox(page);
  const step = (name, act) => check(`${size}: ${name}`, act);

  await step('the bot greets and asks', async () => {
    const answer = await page.goto(`${base}/chat?ref=sim4g`);
    const policy = answer.headers()['content-security-policy'] ?? '';
    assert.match(policy, /default-src 'none'/);
    assert.doesNotMatch(policy, /unsafe-inline|unsafe-eval/);
    await chat.hears(/muốn đổi/);
    assert.equal(new URL(page.url()).search, '', 'the reference has left the address bar');
    await shot(page, `${size}-1-greeting`);
    await accessible(page);
    await fitsItsWidth(page);
  });
  await step('a tapped "Có" leads to the consent', async () => {
    await chat.taps('Có');
    await chat.hears(/cho phép|đồng ý/i);
  });
  await step('consent leads to the phone number', async () => {
    await chat.taps('Có');
    await chat.hears(/số nào|số điện thoại/i);
    assert.equal(await chat.choices.count(), 0, 'an open question has no buttons');
  });
  await step('the number leads to the address', async () => {
    await chat.types('0901234567');
    await chat.hears(/địa chỉ/i);
  });
  await step('the address leads to the time', async () => {
    await chat.types('12 Nguyễn Huệ, phường Bến Nghé, quận 1, TP HCM');
    await chat.hears(/buổi nào|lúc nào|giờ/i);
    await chat.choices.filter({ hasText: 'Buổi sáng' }).waitFor();
    await shot(page, `${size}-2-middle`);
    await fitsItsWidth(page);
  });
  await step('after a reload the history and the buttons are back', async () => {
    const before = await chat.texts();
    await page.reload();
    await chat.choices.filter({ hasText: 'Buổi sáng' }).waitFor();
    assert.deepEqual(await chat.texts(), before);
    await shot(page, `${size}-3-reloaded`);
  });
  await step('the time leads to the quarantine', async () => {
    await chat.taps('Buổi sáng');
    await chat.hears(/cách ly/i);
  });
  await step('the quarantine leads to the summary', async () => {
    await chat.taps('Không');
    await chat.hears(/đúng chưa/i);
    await shot(page, `${size}-4-summary`);
    await accessible(page);
    await fitsItsWidth(page);
  });
  await step('"Đúng" ends with thanks, and nothing was said twice', async () => {
    await chat.taps('Đúng');
    await chat.hears(/cảm ơn/i);
    assert.equal(await chat.choices.count(), 0);
    assert.equal(await chat.mine.count(), 7);
    await shot(page, `${size}-5-thanks`);
    await accessible(page);
    await fitsItsWidth(page);
  });
  await step('the browser complained of nothing', async () => assert.deepEqual(page.complaints, []));
  await page.context().close();
}

async function keyboardOnly(browser) {
  const page = await visit(browser, DESKTOP);
  const chat = chatbox(page);
  await check('keyboard: choices are reached, taken with Enter, and the focus stays in the log', async () => {
    await page.goto(`${base}/chat?ref=sim4g`);
    await chat.hears(/muốn đổi/);
    await chat.choices.first().focus();
    await page.keyboard.press('Enter');
    await chat.hears(/cho phép|đồng ý/i);
    assert.equal(await page.evaluate(() => document.activeElement.id), 'log');
    await page.keyboard.press('Tab');
    assert.equal(await page.evaluate(() => document.activeElement.textContent), 'Có');
  });
  await check('keyboard: the menu opens, Escape closes it and gives the focus back', async () => {
    const button = page.getByRole('button', { name: 'Lựa chọn khác' });
    await button.focus();
    await page.keyboard.press('Enter');
    await page.getByRole('button', { name: 'Gặp nhân viên' }).waitFor();
    await shot(page, 'desktop-6-menu');
    await accessible(page);
    await page.keyboard.press('Escape');
    assert.equal(await page.locator('#menu').isVisible(), false);
    assert.equal(await button.evaluate((one) => one === document.activeElement), true);
  });
  await page.context().close();
}

async function flowMenu(browser) {
  const page = await visit(browser, PHONE);
  const chat = chatbox(page);
  await check('menu: the flows stand behind the button, and begin at any time from the keyboard too', async () => {
    await page.goto(`${base}/chat?ref=sim4g`);
    await chat.hears(/muốn đổi/);
    const button = page.getByRole('button', { name: 'Lựa chọn khác' });
    await button.focus();
    await page.keyboard.press('Enter');
    const titles = await page.locator('#menu button').allTextContents();
    assert.deepEqual(titles.slice(0, 3), ['Đổi SIM 4G miễn phí', 'Đăng ký thuê bao mới', 'Tư vấn gói cước']);
    await fitsItsWidth(page);
    await accessible(page);
    await page.keyboard.press('Tab');
    await page.keyboard.press('Tab');
    assert.equal(await page.evaluate(() => document.activeElement.textContent), 'Đăng ký thuê bao mới');
    await page.keyboard.press('Enter');
    await page.locator('.message.bot').filter({ hasText: /thuê bao mới/i }).first().waitFor();
    assert.equal(await page.locator('#menu').isVisible(), false);
    assert.equal(await chat.mine.last().locator('.bubble').textContent(), 'Anh/chị: Đăng ký thuê bao mới');
    assert.deepEqual(page.complaints, []);
  });
  await page.context().close();
}

/** The socket dies after the server took a message and before it could say so. */
async function lostAcknowledgement(browser) {
  const page = await visit(browser, DESKTOP);
  const chat = chatbox(page);
  await check('a message whose acknowledgement was lost is kept once', async () => {
    let cut = false;
    const sent = [];
    await page.routeWebSocket(/\/chat\/ws$/, (socket) => {
      const server = socket.connectToServer();
      socket.onMessage((frame) => { sent.push(JSON.parse(frame)); server.send(frame); });
      server.onMessage((frame) => {
        const ack = JSON.parse(frame).type === 'ack';
        if (!ack || cut) return socket.send(frame);
        cut = true;
        server.close();
        return socket.close({ code: 1001 });
      });
    });
    await page.goto(`${base}/chat?ref=sim4g`);
    await chat.hears(/muốn đổi/);
    await chat.types('có');
    await chat.hears(/cho phép|đồng ý/i);
    const said = sent.filter((frame) => frame.type === 'text');
    assert.ok(cut, 'the acknowledgement was cut off');
    assert.equal(new Set(said.map((frame) => frame.id)).size, 1);
    assert.equal(sent.filter((frame) => frame.type === 'hello' && frame.ref).length, 1, 'the reference went out once');
    const texts = await chat.texts();
    assert.equal(await chat.mine.count(), 1);
    await page.reload();
    await chat.hears(/cho phép|đồng ý/i);
    assert.deepEqual(await chat.texts(), texts, 'the server kept it once, too');
  });
  await page.context().close();
}

async function onAnotherSite(browser, size, options) {
  const site = http.createServer((request, response) => {
    response.setHeader('content-type', 'text/html; charset=utf-8');
    response.end(`<!doctype html><html lang="vi"><head>
      <meta name="viewport" content="width=device-width, initial-scale=1"><link rel="icon" href="data:,"><title>Trang khác</title>
      <style>button, div, iframe { all: unset; color: red !important }</style>
      <script>document.documentElement.dataset.globals = Object.keys(window).join(' ');</script></head><body><main><h1>Trang khác</h1></main>
      <script src="${base}/chat/widget.js" data-ref="sim4g"></script>
      <script src="${base}/chat/widget.js" data-ref="sim4g"></script></body></html>`);
  });
  await new Promise((ready) => site.listen(Number(sitePort), '127.0.0.1', ready));
  const page = await visit(browser, options);
  const chat = chatbox(page.frameLocator('[data-thoai-chat] iframe'));
  const button = page.getByRole('button', { name: /khung trò chuyện/ });

  await check(`${size} widget: one button, which opens the chatbox`, async () => {
    await page.goto(`http://127.0.0.1:${site.address().port}/`);
    const [before, after] = await page.evaluate(() => [document.documentElement.dataset.globals, Object.keys(window).join(' ')]);
    assert.equal(after, before, 'it leaves no globals');
    assert.equal(await button.count(), 1);
    assert.equal(await button.getAttribute('aria-expanded'), 'false');
    await shot(page, `${size}-widget-1-closed`);
    await button.click();
    await chat.hears(/muốn đổi/);
    await shot(page, `${size}-widget-2-open`);
    await accessible(page);
    await fitsItsWidth(page);
  });
  await check(`${size} widget: a conversation in the frame`, async () => {
    await chat.taps('Có');
    await chat.hears(/cho phép|đồng ý/i);
  });
  await check(`${size} widget: Escape closes it, the focus returns, the conversation stays`, async () => {
    await chat.box.focus();
    await page.keyboard.press('Escape');
    await page.locator('[data-thoai-chat] iframe').waitFor({ state: 'hidden' });
    const name = await page.evaluate(() => document.activeElement.shadowRoot.activeElement.getAttribute('aria-label'));
    assert.match(name, /^Mở khung/);
    await page.keyboard.press('Enter');
    await chat.hears(/cho phép|đồng ý/i);
    await chat.page.getByRole('button', { name: 'Đóng khung trò chuyện' }).click();
    await page.locator('[data-thoai-chat] iframe').waitFor({ state: 'hidden' });
  });
  await check(`${size} widget: the browser complained of nothing`, async () => assert.deepEqual(page.complaints, []));
  await page.context().close();
  site.close();
}

// ---- Part two: a scripted server in its place ------------------------------------------------------

const AT = '2020-01-05T09:00:00+07:00';
const bot = (number, text, choices = []) => ({ type: 'entry', number, from: 'bot', text, choices, at: AT });

/** Opens the chatbox with `script(frame, say, hangUp)` answering in the server's place. */
async function against(browser, script, options = DESKTOP) {
  const page = await visit(browser, options);
  page.frames_sent = [];
  await page.routeWebSocket(/\/chat\/ws$/, (socket) => {
    const say = (...frames) => frames.forEach((frame) => socket.send(typeof frame === 'string' ? frame : JSON.stringify(frame)));
    socket.onMessage((text) => {
      const frame = JSON.parse(text);
      page.frames_sent.push(frame);
      script(frame, say, () => socket.close({ code: 1001 }));
    });
  });
  return page;
}

async function hostileTexts(browser) {
  const evil = '<img src=x onerror="document.title=1"> javascript:alert(1) xem https://example.vn/a?b=1&c=2. <b>đậm</b>';
  const page = await against(browser, (frame, say) => {
    if (frame.type === 'hello') {
      say('not json', 'null', '[]', { type: '__proto__' }, { type: 'toString' }, { type: 'entry', number: 'x' });
      say({ type: 'welcome', session: 's' }, bot(3, evil, [{ payload: '<i>', title: '<u>chọn</u>' }, { title: 7 }, null]));
      say(bot(3, 'lặp lại'), bot(2, 'cũ hơn'));
    }
  });
  const chat = chatbox(page);
  await check('texts from outside are shown as text; only http(s) addresses become links', async () => {
    await page.goto(`${base}/chat`);
    await chat.hears('onerror');
    assert.deepEqual(await chat.texts(), [`MobiFone: ${evil}`]);
    assert.deepEqual(await chat.choices.allTextContents(), ['<u>chọn</u>']);
    const links = await page.locator('.bubble a').evaluateAll((all) => all.map((one) => [one.href, one.rel, one.target]));
    assert.deepEqual(links, [['https://example.vn/a?b=1&c=2', 'noopener noreferrer', '_blank']]);
    assert.equal(await page.locator('.bubble img, .bubble b, .choices u').count(), 0);
    assert.deepEqual(page.complaints, []);
  });
  await page.context().close();
}

async function badNetwork(browser) {
  let reachable = true;
  let number = 0;
  const page = await against(browser, (frame, say, hangUp) => {
    if (!reachable) return hangUp();
    if (frame.type === 'hello') return say({ type: 'welcome', session: 's' });
    say({ type: 'ack', id: frame.id }, { ...bot((number += 2), frame.text), from: 'contact', id: frame.id });
    return say(bot((number += 2), `Đã nhận: ${frame.text}`));
  }, { ...PHONE, colorScheme: 'light' });
  const chat = chatbox(page);
  await page.clock.install();

  await check('without a line a message waits, is shown as not sent after ten seconds, and can be tried again', async () => {
    await page.goto(`${base}/chat`);
    await chat.types('một');
    await chat.hears('Đã nhận: một');
    reachable = false;
    await chat.types('hai');
    await page.clock.runFor(12_000);
    await chat.mine.filter({ hasText: 'Chưa gửi được' }).waitFor();
    await page.clock.runFor(20_000);
    assert.match(await chat.notice.textContent(), /mất kết nối/i, 'and further tries do not overwrite it');
    await shot(page, 'phone-7-not-sent');
    await accessible(page);
    await fitsItsWidth(page);
    reachable = true;
    await page.getByRole('button', { name: 'Gửi lại' }).click();
    await page.clock.runFor(40_000);
    await chat.hears('Đã nhận: hai');
    assert.equal(await chat.mine.count(), 2);
    assert.equal(await chat.notice.textContent(), '');
  });
  await check('what was typed without a line survives a reload and is sent once', async () => {
    reachable = false;
    await chat.types('ba');
    await page.reload();
    await chat.mine.filter({ hasText: 'ba' }).waitFor();
    number = -2;   // the scripted server keeps no history
    reachable = true;
    await page.clock.runFor(40_000);
    await chat.hears('Đã nhận: ba');
    assert.equal(await chat.mine.count(), 1);
    const ids = page.frames_sent.filter((frame) => frame.text === 'ba').map((frame) => frame.id);
    assert.equal(new Set(ids).size, 1, 'always under the same id');
  });
  await page.context().close();
}

async function refusals(browser) {
  let busy = 2;
  const page = await against(browser, (frame, say) => {
    if (frame.type === 'hello') return say({ type: 'welcome', session: 's' }, bot(1, 'Mời anh/chị nhắn tin ạ.'));
    if (frame.text === 'dài') return say({ type: 'error', code: 'too_long', text: 'Tin nhắn dài quá ạ.' });
    if ((busy -= 1) >= 0) return say({ type: 'error', code: 'busy', text: 'Hệ thống đang bận ạ.' });
    return say({ type: 'ack', id: frame.id }, bot(9, 'Xong ạ.'));
  });
  const chat = chatbox(page);
  await page.clock.install();
  await check('a busy server is asked again by itself; what it will never take is said to be so', async () => {
    await page.goto(`${base}/chat`);
    await chat.hears('Mời');
    await chat.types('chào');
    await chat.notice.filter({ hasText: 'đang bận' }).waitFor();
    await page.clock.runFor(10_000);
    await chat.hears('Xong');
    assert.equal(page.frames_sent.filter((frame) => frame.text === 'chào').length, 3);
    await chat.types('dài');
    await chat.mine.filter({ hasText: 'Chưa gửi được' }).waitFor();
    assert.match(await chat.notice.textContent(), /dài quá/);
    await page.clock.runFor(60_000);
    assert.equal(page.frames_sent.filter((frame) => frame.text === 'dài').length, 1);
  });
  await check('Shift+Enter makes a new line, Enter sends, blanks are not sent, 1000 characters at most', async () => {
    await chat.types('   ');
    await chat.box.fill('dòng một');
    await chat.box.press('Shift+Enter');
    await chat.box.pressSequentially('dòng hai');
    await chat.box.press('Enter');
    await chat.mine.filter({ hasText: 'dòng hai' }).waitFor();
    assert.equal(page.frames_sent.at(-1).text, 'dòng một\ndòng hai');
    assert.equal(await chat.mine.count(), 3);
    await chat.box.fill('');
    await page.evaluate(() => document.execCommand('insertText', false, 'ă'.repeat(1200)));
    assert.equal((await chat.box.inputValue()).length, 1000);
  });
  await page.context().close();
}

async function beginning(browser) {
  const menu = [{ payload: 'menu/a', title: 'Đổi SIM' }, { payload: 7 }, { payload: 'menu/b', title: '<b>Tư vấn</b>' }];
  const page = await against(browser, (frame, say) => {
    if (frame.type === 'hello') return say({ type: 'welcome', session: 's', menu }, bot(1, 'Chào ạ.'), bot(2, 'Em nghe ạ.'));
    return say({ type: 'ack', id: frame.id }, { ...bot(3, frame.title), from: 'contact', id: frame.id }, bot(4, 'Vâng ạ.'));
  });
  const chat = chatbox(page);
  await check('who has said nothing and is asked nothing is offered the menu; a tap sends the choice', async () => {
    await page.goto(`${base}/chat`);
    await chat.hears('Em nghe');
    assert.deepEqual(await chat.choices.allTextContents(), ['Đổi SIM', '<b>Tư vấn</b>']);
    await accessible(page);
    await chat.taps('Đổi SIM');
    await chat.hears('Vâng ạ.');
    const { type, payload, title } = page.frames_sent.at(-1);
    assert.deepEqual([type, payload, title], ['choice', 'menu/a', 'Đổi SIM']);
    assert.equal(await chat.choices.count(), 0, 'once');
  });
  await page.context().close();
}

async function order(browser) {
  const said = [];
  const page = await against(browser, (frame, say) => {
    if (frame.type === 'hello') return say({ type: 'welcome', session: 's' });
    said.push(frame);
    if (said.length < 3) return undefined;
    const line = (number, { id, text }) => ({ ...bot(number, text), from: 'contact', id });
    say(...said.map(({ id }) => ({ type: 'ack', id })), line(1, said[0]), bot(2, 'đáp một', [{ payload: 'c', title: 'Chọn' }]));
    return say(line(3, said[1]), line(5, said[2]), bot(8, 'đáp ba', [{ payload: 'c', title: 'Chọn' }]));
  });
  const chat = chatbox(page);
  await check('what is said quickly ends up in the server\'s order, and only the newest choices stand', async () => {
    await page.goto(`${base}/chat`);
    for (const text of ['một', 'hai', 'ba']) await chat.types(text);
    await chat.hears('đáp ba');
    assert.deepEqual((await chat.texts()).map((text) => text.split(': ')[1]), ['một', 'đáp một', 'hai', 'ba', 'đáp ba']);
    assert.equal(await chat.choices.count(), 1);
    await chat.taps('Chọn');
    assert.deepEqual([page.frames_sent.at(-1).type, page.frames_sent.at(-1).payload], ['choice', 'c']);
    assert.equal(await page.locator('.day').filter({ visible: true }).count(), 2, 'a day line where the day changes');
  });
  await page.context().close();
}

async function silentServer(browser) {
  let silent = false;
  const page = await against(browser, (frame, say) => {
    if (frame.type === 'hello') return say({ type: 'welcome', session: frame.session ?? 's' }, bot(1, 'Chào anh/chị.'));
    return silent ? undefined : say({ type: 'ack', id: frame.id });
  });
  const chat = chatbox(page);
  await page.clock.install();
  await check('a line that has gone silent is left for a new one', async () => {
    await page.goto(`${base}/chat`);
    await chat.hears('Chào');
    silent = true;
    await chat.types('còn đó không');
    await page.clock.runFor(10_000);
    assert.equal(page.frames_sent.filter((frame) => frame.type === 'hello').length, 1);
    silent = false;
    await page.clock.runFor(10_000);
    await page.waitForFunction(() => !document.querySelector('.waiting'));
    const hellos = page.frames_sent.filter((frame) => frame.type === 'hello');
    assert.deepEqual(hellos.map((hello) => [hello.session, hello.after]), [[null, -1], ['s', 1]]);
    assert.equal(await chat.mine.count(), 1);
  });
  await page.context().close();
}

const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  headless: true,
  chromiumSandbox: false,   // the sandbox does not start as root
  args: ['--disable-gpu', '--disable-quic', '--disable-dev-shm-usage', '--disable-background-networking',
    '--disable-component-update', '--disable-sync', '--no-first-run'],
});
try {
  await wholeConversation(browser, 'phone', PHONE);
  await wholeConversation(browser, 'desktop', DESKTOP);
  await keyboardOnly(browser);
  await flowMenu(browser);
  await lostAcknowledgement(browser);
  await onAnotherSite(browser, 'phone', PHONE);
  await onAnotherSite(browser, 'desktop', DESKTOP);
  await hostileTexts(browser);
  await badNetwork(browser);
  await refusals(browser);
  await beginning(browser);
  await order(browser);
  await silentServer(browser);
} finally {
  await browser.close();
}
console.log(`${passed} passed, ${failures.length} failed`);
process.exitCode = failures.length ? 1 : 0;
