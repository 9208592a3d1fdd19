// What the page does beyond showing itself: details, keys, copying. Without this all of it can still be read:
// a detail is the target of a link, and folds are details elements.
"use strict";
(() => {
  const byId = (id) => document.getElementById(id);
  let opened = null; // {panel, from}

  function close(focus) {
    if (!opened) return;
    opened.panel.classList.remove("open");
    opened.from.classList.remove("open");
    if (focus) opened.from.focus({ preventScroll: true });
    opened = null;
  }

  function open(panel, from) {
    close(false);
    opened = { panel, from };
    panel.classList.add("open");
    from.classList.add("open");
    panel.tabIndex = -1;
    panel.focus({ preventScroll: true });
  }

  function unfold(id) {
    const fold = byId(id);
    if (!fold) return;
    fold.open = true;
    fold.scrollIntoView({ block: "nearest" });
    (fold.querySelector("a.n") || fold.querySelector("summary")).focus();
  }

  // The bands of what has the focus or the pointer stand out.
  function mark(link) {
    const svg = link.closest("svg");
    svg.classList.add("dim");
    for (const band of svg.querySelectorAll(".b"))
      band.classList.toggle("on", band.dataset.a === link.dataset.k || band.dataset.b === link.dataset.k);
  }

  function unmark(link) {
    const svg = link.closest("svg");
    if (!svg.contains(document.activeElement)) svg.classList.remove("dim");
    else if (document.activeElement.dataset.k) mark(document.activeElement);
  }

  function reveal(link) {
    link.focus({ preventScroll: true });
    link.scrollIntoView({ block: "nearest", inline: "center" });
  }

  // Right and left follow the widest band, up and down go to what stands in the same column.
  function step(link, key) {
    const svg = link.closest("svg"), k = link.dataset;
    if (key === "ArrowRight" || key === "ArrowLeft") {
      const to = key === "ArrowRight" ? k.r : k.l;
      return to === undefined ? null : svg.querySelector('a[data-k="' + to + '"]');
    }
    const column = [...svg.querySelectorAll('a[data-c="' + k.c + '"]')]
      .sort((x, y) => x.dataset.y - y.dataset.y);
    return column[column.indexOf(link) + (key === "ArrowDown" ? 1 : -1)] || null;
  }

  function copy(button) {
    const code = button.previousElementSibling, range = document.createRange(), selection = getSelection();
    const done = () => {
      button.textContent = "Copied";
      setTimeout(() => { button.textContent = "Copy"; }, 1500);
    };
    const selected = () => {
      range.selectNodeContents(code);
      selection.removeAllRanges();
      selection.addRange(range);
      if (document.execCommand("copy")) done();
    };
    if (navigator.clipboard) navigator.clipboard.writeText(code.textContent).then(done, selected);
    else selected();
  }

  for (const code of document.querySelectorAll("code.c")) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "copy";
    button.textContent = "Copy";
    button.setAttribute("aria-label", "Copy " + code.textContent);
    code.after(button);
  }

  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[href^='#']"), button = event.target.closest("button.copy");
    if (button) copy(button);
    if (!link || link.classList.contains("skip")) return;
    const target = byId(link.getAttribute("href").slice(1));
    if (link.classList.contains("x")) {
      event.preventDefault();
      close(true);
    } else if (target && target.classList.contains("d")) {
      event.preventDefault();
      open(target, link);
    } else if (target && target.tagName === "DETAILS") {
      event.preventDefault();
      close(false);
      unfold(target.id);
    }
  });

  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") close(true);
    const link = event.target.closest && event.target.closest(".flow a");
    if (!link || !event.key.startsWith("Arrow") || event.altKey || event.ctrlKey || event.metaKey) return;
    const next = step(link, event.key);
    event.preventDefault();
    if (next) reveal(next);
  });

  for (const link of document.querySelectorAll(".flow a")) {
    link.addEventListener("focus", () => mark(link));
    link.addEventListener("blur", () => setTimeout(() => unmark(link)));
    link.addEventListener("mouseenter", () => mark(link));
    link.addEventListener("mouseleave", () => unmark(link));
  }
  document.documentElement.classList.add("ready");
})();
