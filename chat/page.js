() => {
  // What the page does by itself. It draws nothing of others' text: everything shown comes escaped from the server.
  const one = (selector, root = document) => root.querySelector(selector);
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];
  const send = (act, detail = {}) => window.citeback && window.citeback(act, detail);
  const kept = {
    get: (name) => { try { return localStorage.getItem('citeback-' + name); } catch { return null; } },
    set: (name, value) => { try { localStorage.setItem('citeback-' + name, value); } catch { /* private window, or full */ } },
  };
  const HISTORY_BYTES = 40000;  // what a reload sends back must fit into one request
  const page = document.body;
  let ticket = 0, asked = null, editing = null, held = null, shown = null, saved = null, ready = false, looked = false, snapshot = null;

  // Theme: the system's, until one is chosen.
  const dark = matchMedia('(prefers-color-scheme: dark)');
  const theme = () => page.classList.toggle('dark', kept.get('theme') ? kept.get('theme') === 'dark' : dark.matches);
  dark.addEventListener('change', theme);
  theme();

  // The conversation, kept in this browser only.
  const history = () => {
    const turns = all('[data-kept]').map((turn) => turn.dataset.kept);
    let size = 0;
    return turns.reverse().filter((turn) => (size += new TextEncoder().encode(JSON.stringify(turn)).length) < HISTORY_BYTES).reverse();
  };
  const hello = (more = {}) => send('hello', {ticket, language: kept.get('language') || navigator.language, ...more});
  const anew = () => {  // drawn again in another language or from another snapshot; what was typed and chosen stays
    held = {draft: box().value, filter: chosen('filter')};
    hello();
  };
  const hold = () => {
    box().value = held.draft;
    const put = (name, values) => all('[data-' + name + ']').forEach((field) => {
      const value = values[field.getAttribute('data-' + name)];
      if (field.type === 'checkbox') field.checked = Boolean(value); else field.value = value || '';
    });
    put('filter', held.filter);
    if (looked) put('look', looked);
    all('select').forEach((menu) => { if (menu.selectedIndex < 0) menu.value = ''; });
    held = null;
  };
  const restored = () => { try { return JSON.parse(kept.get('history') || '[]'); } catch { return []; } };

  const chosen = (name, root = document) => {
    const values = {};
    all('[data-' + name + ']', root).forEach((field) => {
      values[field.getAttribute('data-' + name)] = field.type === 'checkbox' ? field.checked : field.value;
    });
    return values;
  };
  const look = (more = {}) => {
    looked = {...looked, ...chosen('look'), ...more};
    send('look', looked);
  };
  const view = (name) => {
    page.dataset.view = name;
    all('.cb-tab').forEach((tab) => tab.dataset.detail === JSON.stringify(name)
      ? tab.setAttribute('aria-current', 'page') : tab.removeAttribute('aria-current'));
    if (name === 'library' && !looked) { send('overview'); look(); }
    if (name === 'build') watch();
    scrollTo(0, 0);
  };
  const watch = () => send('build', {act: 'watch'});
  setInterval(() => { if (!document.hidden && page.dataset.view === 'build' && one('[data-running]')) watch(); }, 1000);
  const box = () => one('#cb-question');
  const fit = () => { const area = box(); if (area) { area.style.height = 'auto'; area.style.height = Math.min(area.scrollHeight, 180) + 'px'; } };
  const narrowed = () => {
    const note = one('.cb-narrowed');
    if (!note) return;
    const parts = all('select[data-filter]').filter((menu) => menu.value).map((menu) => menu.selectedOptions[0].text);
    if (one('input[data-filter]').checked) parts.push(one('.cb-check').textContent.trim());
    note.textContent = parts.join(' · ') || note.dataset.none;
  };
  const ask = (question, at = null) => {
    if (!question.trim() || page.dataset.busy) return;
    page.dataset.busy = '1';
    asked = {question: question.trim(), at, ticket: ticket += 1};
    view('ask');
    unedit();
    all('.cb-under details').forEach((menu) => menu.removeAttribute('open'));
    wait();
    send('ask', {...asked, ...chosen('filter')});
  };
  // What was asked is seen at once, the turn before it becomes past; the server then draws into the place kept for the answer.
  const wait = () => {
    const made = (kind, className, text) => Object.assign(document.createElement(kind), {className, textContent: text});
    const turn = made('section', 'cb-turn', ''), past = all('.cb-turn');
    turn.append(made('h2', 'cb-question', asked.question), made('p', 'cb-wait', box().dataset.searching));
    one('.cb-question', turn).dir = 'auto';
    one('.cb-wait', turn).setAttribute('role', 'status');
    past.splice(asked.at ?? past.length).forEach((later) => later.remove());
    one('#cb-past .cb-turns').append(...past);
    one('#cb-live .cb-turns').replaceChildren(turn);
  };
  const unedit = () => { editing = null; const note = one('.cb-editing'); if (note) note.hidden = true; };
  const copy = async (text) => {
    try { await navigator.clipboard.writeText(text); } catch {  // without TLS there is no clipboard but this
      const area = Object.assign(document.createElement('textarea'), {value: text});
      page.append(area); area.select(); document.execCommand('copy'); area.remove();
    }
  };
  const acts = {
    ask: ({question}) => ask(question),
    send: () => { const at = editing, area = box(); if (!area.value.trim() || page.dataset.busy) return; ask(area.value, at); area.value = ''; area.style.height = ''; },
    stop: () => send('stop', {...asked, ticket}),
    clear: () => {  // waited for like an answer, so that it cannot sweep away a question asked right after
      if (page.dataset.busy) return;
      page.dataset.busy = '1';
      ticket += 1;
      unedit();
      send('clear', {ticket});
      box().focus();
    },
    retry: ({at, question}) => ask(question, at),
    edit: ({at, question}) => { editing = at; one('.cb-editing').hidden = false; box().value = question; fit(); box().focus(); },
    unedit: () => { unedit(); box().value = ''; fit(); },
    copy: (text, button) => {
      const label = button.textContent;
      copy(text).then(() => { button.textContent = button.dataset.done; setTimeout(() => { button.textContent = label; }, 1500); });
    },
    export: ({kind}) => send('export', {kind}),
    view,
    theme: () => { kept.set('theme', page.classList.contains('dark') ? 'light' : 'dark'); theme(); },
    language: (wish) => { kept.set('language', wish); anew(); },
    reset: () => { all('select[data-filter]').forEach((menu) => { menu.value = ''; }); one('input[data-filter]').checked = false; narrowed(); },
    look: (detail) => look(detail),
    find: ({search}) => { const field = one('[data-look=search]'); looked = looked || {}; view('library'); send('overview'); field.value = search; look(); },
    build: (detail) => send('build', {...detail, ...chosen('option')}),
  };
  document.addEventListener('click', (event) => {
    const target = event.target.closest && event.target.closest('[data-act]');
    if (target) acts[target.dataset.act]?.(target.dataset.detail ? JSON.parse(target.dataset.detail) : {}, target);
    all('.cb-under details[open]').forEach((menu) => { if (!menu.contains(event.target) || target?.dataset.act === 'export') menu.removeAttribute('open'); });
  });
  document.addEventListener('keydown', (event) => {
    if (event.target === box() && event.key === 'Enter' && !event.shiftKey && !event.isComposing && event.keyCode !== 229) {
      event.preventDefault(); acts.send();
    } else if (event.key === 'Escape') {
      all('.cb-open').forEach((cite) => cite.classList.remove('cb-open'));
      all('.cb-cite').forEach((cite) => { if (cite.matches(':hover, :focus-within')) cite.classList.add('cb-shut'); });
      all('.cb-under details[open]').forEach((menu) => { menu.removeAttribute('open'); one('summary', menu).focus(); });
    } else if ((event.key === 'Enter' || event.key === ' ') && event.target.matches('[role=button][data-act]')) {
      event.preventDefault(); event.target.dispatchEvent(new MouseEvent('click', {bubbles: true}));
    }
  });
  let typing;
  document.addEventListener('input', (event) => {
    if (event.target === box()) fit();
    if (event.target.matches('[data-filter]')) narrowed();
    if (event.target.matches('[data-look]')) { clearTimeout(typing); typing = setTimeout(look, 150); }
  });

  // A citation's quote: kept inside the window; a tap shows it first, its links then lead on.
  const place = (event) => {
    const cite = event.target.closest && event.target.closest('.cb-cite');
    const peek = cite && one('.cb-peek', cite);
    if (!peek || getComputedStyle(peek).position !== 'absolute') return;
    peek.style.left = '0';
    peek.classList.remove('cb-below');
    const box = peek.getBoundingClientRect();
    const over = box.right - (page.getBoundingClientRect().right - 12);
    if (over > 0) peek.style.left = -over + 'px';
    if (box.top < 8) peek.classList.add('cb-below');
  };
  document.addEventListener('mouseover', place);
  document.addEventListener('focusin', place);
  document.addEventListener('mouseout', (event) => { const cite = event.target.closest?.('.cb-shut'); if (cite && !cite.contains(event.relatedTarget)) cite.classList.remove('cb-shut'); });
  document.addEventListener('focusout', (event) => event.target.closest?.('.cb-shut')?.classList.remove('cb-shut'));
  let touched = false;
  document.addEventListener('pointerdown', (event) => { touched = event.pointerType === 'touch'; }, true);
  document.addEventListener('click', (event) => {
    const number = event.target.closest?.('.cb-number');
    const cite = number && number.closest('.cb-cite');
    all('.cb-open').forEach((other) => { if (other !== cite && !other.contains(event.target)) other.classList.remove('cb-open'); });
    if (cite && touched && !cite.classList.contains('cb-open')) { event.preventDefault(); cite.classList.add('cb-open'); place(event); }
  }, true);

  // Rescue: a saved page dropped on a row, or picked there, becomes that reference's content.
  const rescue = async (file, row) => {
    const note = one('.cb-saving', row);
    note.textContent = note.dataset.adding.replace('{name}', file.name);
    const wanted = new URLSearchParams({filename: file.name, url: row.dataset.url});
    try {
      const answer = await fetch('api/pages?' + wanted, {method: 'POST', body: file, headers: {'content-type': 'application/octet-stream'}});
      const told = await answer.json();
      const taken = (told.added || [])[0];
      note.textContent = told.error ? told.error.message : taken ? taken.reason : note.dataset.done;
      if (answer.ok && taken?.accepted !== false) { note.textContent = note.dataset.done; setTimeout(() => look(), 1500); }
    } catch { note.textContent = note.dataset.lost; }
  };
  const over = (event) => event.target.closest?.('tr[data-drop]');
  document.addEventListener('dragover', (event) => {
    event.preventDefault();  // a page dropped beside a row must not take the chat's place
    all('.cb-over').forEach((row) => { if (row !== over(event)) row.classList.remove('cb-over'); });
    over(event)?.classList.add('cb-over');
  });
  document.addEventListener('drop', (event) => {
    event.preventDefault();
    all('.cb-over').forEach((row) => row.classList.remove('cb-over'));
    const row = over(event), file = event.dataTransfer.files[0];
    if (row && file) rescue(file, row);
  });
  document.addEventListener('change', (event) => {
    if (event.target.matches('[data-rescue]') && event.target.files[0]) rescue(event.target.files[0], event.target.closest('tr'));
  });

  // The map names the article under the pointer or the focus.
  const name = (event) => {
    const dot = event.target.closest?.('.cb-dot'), line = one('.cb-spot');
    if (line && (dot || event.target.closest?.('.cb-map'))) line.textContent = dot ? dot.getAttribute('aria-label') : line.dataset.none;
  };
  document.addEventListener('mouseover', name);
  document.addEventListener('focusin', name);

  // What is drawn anew under the keyboard keeps the focus: the button that says the same takes it over.
  let focused = null;
  document.addEventListener('focusin', (event) => { focused = event.target.closest('[data-act]'); });
  const refocus = () => {
    if (!focused || focused.isConnected || document.activeElement !== page) return;
    const same = all(`[data-act="${focused.dataset.act}"]`).find((button) => button.textContent === focused.textContent);
    if (same) same.focus({preventScroll: true});
  };

  // After every change: keep the history, hand over downloads, follow the conversation.
  const settle = () => {
    refocus();
    const brand = one('.cb-brand');
    if (brand) {
      if (document.documentElement.lang !== brand.lang) document.documentElement.lang = brand.lang;  // else all is styled anew
      if (!ready) { ready = true; view(page.dataset.view || 'ask'); narrowed(); if (innerWidth > 640) box()?.focus(); }
      else if (brand !== shown) setTimeout(() => {  // all parts have been put in place by then
        if (held) hold();
        view(page.dataset.view);
        narrowed();
        fit();
        if (looked) { send('overview'); look(); }
      }, 60);
      shown = brand;
    }
    const file = one('#cb-vault [data-file]');
    if (file) {
      const address = URL.createObjectURL(new Blob([file.dataset.text], {type: 'text/plain;charset=utf-8'}));
      Object.assign(document.createElement('a'), {href: address, download: file.dataset.file}).click();
      setTimeout(() => URL.revokeObjectURL(address), 5000);
      file.remove();
    }
    // the answer on show is the one asked for last, and whole
    if (one(`#cb-live [data-ticket="${ticket}"]`) && !one('.cb-wait, .cb-live')) delete page.dataset.busy;
    const words = all('[data-kept]'), state = words.length + (words.at(-1)?.dataset.kept || '');
    if (ready && !page.dataset.busy && state !== saved) { saved = state; kept.set('history', JSON.stringify(history())); }
    const turns = all('.cb-turn'), last = turns[turns.length - 1];
    page.toggleAttribute('data-begun', Boolean(last));
    const mark = last ? turns.length + one('.cb-question', last).textContent : '';
    if (last && page.dataset.busy && window.citebackTurn !== mark) last.scrollIntoView({block: 'start'});
    window.citebackTurn = mark;
  };
  new MutationObserver(settle).observe(page, {childList: true, subtree: true});

  // A new snapshot, or a server that has gone, is noticed without being asked.
  const poll = async () => {
    if (document.hidden) return;
    try {
      const now = (await (await fetch('healthz')).json()).snapshot;
      if (page.dataset.busy) return;
      if (snapshot && now !== snapshot) anew();
      snapshot = now;
      page.removeAttribute('data-gone');
    } catch { page.dataset.gone = '1'; delete page.dataset.busy; }
  };
  poll();
  setInterval(poll, 5000);

  const begin = () => hello({kept: restored()});
  if (window.citeback) begin(); else addEventListener('citeback', begin, {once: true});
}
