// Works the page by keyboard and writes down what did not go as it should.
"use strict";
(() => {
  const wrong = [], expect = (what, is) => { if (!is) wrong.push(what); };
  const press = (key) => document.activeElement.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true }));
  const visible = (e) => e.getClientRects().length > 0;
  const stops = [...document.querySelectorAll("a[href], button, summary, [tabindex='0']")].filter(visible);
  const place = (selector) => stops.indexOf(document.querySelector(selector));

  // Tab follows the document: past the skip link, the addresses, then the picture in order of time, then its folds.
  expect("the skip link comes first", place(".skip") === 0);
  expect("addresses before the picture", place("button.copy") > 0 && place("button.copy") < place(".scroll"));
  expect("the picture's frame before its nodes", place(".scroll") < place("#m a.n"));
  const nodes = [...document.querySelectorAll("#m a.n")];
  expect("nodes in order of time", nodes.every((n, i) => !i || +n.dataset.c >= +nodes[i - 1].dataset.c));
  expect("ends after nodes", stops.indexOf(document.querySelector("#m a.e")) > stops.indexOf(nodes[nodes.length - 1]));
  expect("each says what it is", nodes.every((n) => n.getAttribute("aria-label").includes("BTC")));

  // Arrows follow the widest band to an end and back again.
  nodes[0].focus();
  expect("the first node takes the focus", document.activeElement === nodes[0]);
  let steps = 0;
  for (let before = null; before !== document.activeElement && steps < 200; steps++) {
    before = document.activeElement;
    press("ArrowRight");
    expect("right goes right", before === document.activeElement || +document.activeElement.dataset.c > +before.dataset.c);
  }
  expect("right leads to an end", document.activeElement.classList.contains("e"));
  const end = document.activeElement;
  press("ArrowDown");
  expect("down goes down", +document.activeElement.dataset.y > +end.dataset.y);
  press("ArrowUp");
  expect("up goes up again", document.activeElement === end);
  for (let i = 0; i < 200; i++) press("ArrowLeft");
  expect("left leads to the origins", document.activeElement === nodes[0]);

  // A detail opens, has the focus, and gives it back.
  const node = nodes[1];
  node.focus();
  node.dispatchEvent(new MouseEvent("click", { bubbles: true, cancelable: true })); // what Enter does on a link
  const panel = document.getElementById(node.getAttribute("href").slice(1));
  expect("the detail is seen", visible(panel));
  expect("the detail has the focus", document.activeElement === panel);
  expect("the detail is a named dialog", panel.getAttribute("role") === "dialog" &&
    document.getElementById(panel.getAttribute("aria-labelledby")).textContent.length > 0);
  press("Escape");
  expect("the detail is gone", !visible(panel));
  expect("the focus is back", document.activeElement === node);

  // A fold opens where there is one.
  const fold = document.querySelector("#m a.fold");
  if (fold) {
    fold.dispatchEvent(new MouseEvent("click", { bubbles: true, cancelable: true }));
    const go = document.activeElement.querySelector("a.go");
    expect("a fold can be opened", go !== null);
    go.dispatchEvent(new MouseEvent("click", { bubbles: true, cancelable: true }));
    const inside = document.getElementById(go.getAttribute("href").slice(1));
    expect("the fold is open", inside.open);
    expect("the focus is in the fold", inside.contains(document.activeElement));
  }
  document.getElementById("result").textContent = wrong.length ? [...new Set(wrong)].join("; ") : "all is well";
})();
