// The chatbox on any page:
//   <script src="https://host/chat/widget.js" data-ref="sim4g" async></script>
// puts a round button into the lower right corner; it opens the chatbox in a frame. Leaves no globals,
// writes no markup, and lives in a shadow root, so that neither page can spoil the other's looks.
(function () {
  'use strict';

  const script = document.currentScript;
  if (!script || !script.src || document.querySelector('[data-thoai-chat]')) return;
  const address = new URL('/chat', script.src);
  if (script.dataset.ref) address.searchParams.set('ref', script.dataset.ref);

  const OPEN = 'Mở khung trò chuyện với MobiFone';
  const CLOSE = 'Đóng khung trò chuyện';
  const LAYER = '2147483000';
  const small = window.matchMedia('(max-width: 480px), (max-height: 480px)');

  /** Styles are set one by one: a page's policy may forbid style sheets that are not its own. */
  function make(name, styles) {
    const made = document.createElement(name);
    Object.keys(styles).forEach(function (key) { made.style.setProperty(key, styles[key]); });
    return made;
  }

  function drawing() {
    const svg = document.createElementNS('http://www.w3.org/2000/svg', 'svg');
    const path = document.createElementNS('http://www.w3.org/2000/svg', 'path');
    const attributes = { viewBox: '0 0 24 24', width: '28', height: '28', 'aria-hidden': 'true', focusable: 'false' };
    Object.keys(attributes).forEach(function (key) { svg.setAttribute(key, attributes[key]); });
    path.setAttribute('d', 'M4 4h16a2 2 0 0 1 2 2v9a2 2 0 0 1-2 2h-8l-5 4v-4H4a2 2 0 0 1-2-2V6a2 2 0 0 1 2-2z');
    path.setAttribute('fill', 'currentColor');
    svg.append(path);
    return svg;
  }

  const place = document.createElement('div');
  place.setAttribute('data-thoai-chat', '');
  place.style.setProperty('all', 'initial');
  const root = place.attachShadow({ mode: 'open' });

  const button = make('button', {
    position: 'fixed', right: '16px', bottom: '16px', 'z-index': LAYER,
    display: 'flex', 'align-items': 'center', 'justify-content': 'center',
    width: '60px', height: '60px', padding: '0', border: '2px solid #ffffff', 'border-radius': '50%',
    background: '#005baa', color: '#ffffff', cursor: 'pointer', 'box-shadow': '0 4px 16px rgba(0,0,0,.35)',
  });
  button.type = 'button';
  button.append(drawing());

  const panel = make('div', { position: 'fixed', 'z-index': LAYER, overflow: 'hidden', background: '#eef2f6' });
  panel.hidden = true;
  root.append(panel, button);

  let frame = null;

  /** A corner of a large page, the whole of a small one. */
  function fit() {
    const open = !panel.hidden;
    const styles = small.matches
      ? { right: '0', bottom: '0', width: '100%', height: '100%', 'border-radius': '0', 'box-shadow': 'none' }
      : {
        right: '16px', bottom: '92px', width: '384px', height: '640px', 'border-radius': '16px',
        'box-shadow': '0 8px 40px rgba(0,0,0,.35)',
      };
    Object.keys(styles).forEach(function (key) { panel.style.setProperty(key, styles[key]); });
    panel.style.setProperty('max-height', small.matches ? 'none' : 'calc(100vh - 108px)');
    button.style.setProperty('display', open && small.matches ? 'none' : 'flex');
    button.setAttribute('aria-expanded', String(open));
    button.setAttribute('aria-label', open ? CLOSE : OPEN);
  }

  /** The frame is made at the first opening: a page nobody chats on costs the server nothing. */
  function open() {
    if (!frame) {
      frame = make('iframe', { display: 'block', width: '100%', height: '100%', border: '0' });
      frame.title = 'Trò chuyện với MobiFone';
      frame.referrerPolicy = 'no-referrer';
      frame.addEventListener('load', function () { if (!panel.hidden) frame.focus(); });
      frame.src = address.href;
      panel.append(frame);
    }
    panel.hidden = false;
    fit();
    frame.focus();
  }

  function close() {
    panel.hidden = true;
    fit();
    button.focus();
  }

  button.addEventListener('click', function () { if (panel.hidden) open(); else close(); });
  document.addEventListener('keydown', function (event) { if (event.key === 'Escape' && !panel.hidden) close(); });
  window.addEventListener('message', function (event) {
    const ours = frame && event.source === frame.contentWindow && event.origin === address.origin;
    if (ours && event.data && event.data.thoai === 'close' && !panel.hidden) close();
  });
  small.addListener(fit);
  fit();

  if (document.body) document.body.append(place);
  else document.addEventListener('DOMContentLoaded', function () { document.body.append(place); });
})();
