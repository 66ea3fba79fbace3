() => {
  // Small services of the page itself; it draws nothing and asks nobody.
  const settle = () => {
    const turns = document.querySelectorAll('.cb-turn');
    const last = turns[turns.length - 1];
    const mark = last ? turns.length + last.querySelector('.cb-question').textContent : '';
    if (last && window.citebackTurn !== mark) last.scrollIntoView({block: 'start'});
    window.citebackTurn = mark;
    const spoken = document.querySelector('.cb-brand');
    if (spoken && spoken.lang) document.documentElement.lang = spoken.lang;
  };
  new MutationObserver(settle).observe(document.body, {childList: true, subtree: true, characterData: true});

  // Keep the quote behind a citation inside the window.
  const place = (event) => {
    const cite = event.target.closest && event.target.closest('.cb-cite');
    const peek = cite && cite.querySelector('.cb-peek');
    if (!peek || getComputedStyle(peek).position !== 'absolute') return;
    peek.style.left = '0';
    peek.classList.remove('cb-below');
    const box = peek.getBoundingClientRect();
    const over = box.right - (document.documentElement.clientWidth - 12);
    if (over > 0) peek.style.left = -over + 'px';
    if (box.top < 8) peek.classList.add('cb-below');
  };
  document.addEventListener('mouseover', place);
  document.addEventListener('focusin', place);
}
