// Works the page with lanes by keyboard and writes down what did not go as it should.
"use strict";
(() => {
  const wrong = [], expect = (what, is) => { if (!is) wrong.push(what); };
  const press = (key) => document.activeElement.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true }));
  const visible = (e) => e.getClientRects().length > 0;
  const nodes = [...document.querySelectorAll("#m a.n")];

  expect("nodes in order of hops", nodes.every((n, i) => !i || +n.dataset.c >= +nodes[i - 1].dataset.c));
  expect("each says what it is", nodes.every((n) => n.getAttribute("aria-label").length > 3));
  expect("two lanes", document.querySelectorAll("#m .lane").length === 2);
  expect("each line says how much", [...document.querySelectorAll("#m path.b title")].every((t) => /[0-9]/.test(t.textContent)));

  // Right leads over the route to the other chain, and left back to where it was taken.
  nodes[0].focus();
  let steps = 0;
  for (let before = null; before !== document.activeElement && steps < 100; steps++) {
    before = document.activeElement;
    press("ArrowRight");
    expect("right goes right", before === document.activeElement || +document.activeElement.dataset.c > +before.dataset.c);
  }
  expect("right leads on", steps > 3);
  for (let i = 0; i < 100; i++) press("ArrowLeft");
  expect("left leads back", +document.activeElement.dataset.c === 0);

  const node = nodes[1];
  node.focus();
  node.dispatchEvent(new MouseEvent("click", { bubbles: true, cancelable: true }));
  const panel = document.getElementById(node.getAttribute("href").slice(1));
  expect("the detail is seen", visible(panel));
  expect("the detail has the focus", document.activeElement === panel);
  expect("the detail is a named dialog", panel.getAttribute("role") === "dialog" &&
    document.getElementById(panel.getAttribute("aria-labelledby")).textContent.length > 0);
  press("Escape");
  expect("the detail is gone", !visible(panel));
  expect("the focus is back", document.activeElement === node);
  document.getElementById("result").textContent = wrong.length ? [...new Set(wrong)].join("; ") : "all is well";
})();
