// Keys, one item at a time, and verdicts that are sent again until they have arrived.
// Without it the page works as links and forms. One table drives handlers, badges and help.
"use strict";

const page = document.getElementById("review");
const items = [...page.querySelectorAll(".item")];
const byId = (id) => document.getElementById(id);
const judged = []; // items in the order in which they were judged, for undo
const unsent = []; // what is still to be sent, in order: one at a time
let current = 0;
let sending = false;
let marked = -1;

const KEYS = {
  y: () => judge("yes"),
  n: () => judge("no"),
  "?": () => judge("not sure"),
  u: () => undo(),
  "[": () => word(-1),
  "]": () => word(1),
  h: () => help(),
};

function remaining() {
  return items.filter((item) => !item.dataset.verdict);
}

function show(item, focus) {
  for (const each of items) each.hidden = each !== item;
  marked = -1;
  byId("complete").hidden = Boolean(item);
  const target = item ? item.querySelector("h2") : byId("complete");
  if (item) {
    current = items.indexOf(item);
    item.querySelector(".text").scrollTop = 0;
  }
  if (focus) {
    target.focus({ preventScroll: true });
    window.scrollTo(0, 0);
  }
  count();
}

function count() {
  const all = Number(page.dataset.presented);
  const done = all - remaining().length;
  byId("done").value = done;
  const place = byId("place");
  place.textContent = place.dataset.pattern.replace("{done}", done).replace("{all}", all);
  byId("undo").hidden = judged.length === 0;
}

function next() {
  const left = remaining();
  return left.find((item) => items.indexOf(item) > current) || left[0];
}

function judge(verdict) {
  const item = items[current];
  if (item.hidden || item.dataset.verdict) return;
  item.dataset.verdict = verdict;
  judged.push(item);
  send(item, verdict);
  byId("live").textContent = page.dataset.kept;
  show(next(), true);
}

function undo() {
  const item = judged.pop();
  if (!item) return;
  delete item.dataset.verdict;
  send(item, "undo");
  byId("live").textContent = page.dataset.undone;
  show(item, true);
}

function send(item, verdict) {
  unsent.push({ url: item.querySelector("form").action, item: item.dataset.item, verdict });
  tell();
  work();
}

async function work() {
  if (sending) return;
  sending = true;
  let wait = 500;
  while (unsent.length) {
    const one = unsent[0];
    try {
      const answer = await fetch(one.url, {
        method: "POST",
        headers: { accept: "application/json", "content-type": "application/x-www-form-urlencoded" },
        body: new URLSearchParams({ item: one.item, verdict: one.verdict }),
        signal: AbortSignal.timeout(15000),
      });
      if (answer.status === 401) return signInAgain();
      // busy or out of order: the verdict is whole, so it is sent again; a refusal is shown as it is
      if (answer.status >= 500 || answer.status === 429) throw new Error(String(answer.status));
      if (!answer.ok) return refused(answer);
      unsent.shift();
      wait = 500;
    } catch {
      tell(true);
      await new Promise((resolve) => setTimeout(resolve, wait));
      wait = Math.min(2 * wait, 10000);
    }
    tell(unsent.length > 0 && wait > 500);
  }
  sending = false;
}

function tell(failed) {
  const box = byId("unsent");
  if (!unsent.length) box.hidden = true;
  if (!failed) return;
  box.hidden = false;
  box.textContent =
    unsent.length === 1 ? page.dataset.unsentOne : page.dataset.unsent.replace("#", unsent.length);
}

async function refused(answer) {
  const said = await answer.json().catch(() => ({ error: { message: answer.statusText } }));
  unsent.length = 0;
  byId("unsent").hidden = false;
  byId("unsent").textContent = said.error.message || said.error.code;
  sending = false;
}

function signInAgain() {
  sending = false;
  unsent.length = 0;
  location.reload();
}

function word(step) {
  const marks = [...items[current].querySelectorAll(".text mark")];
  if (!marks.length) return;
  marked = (marked + step + marks.length) % marks.length;
  marks[marked].tabIndex = -1;
  marks[marked].focus();
}

function help() {
  const box = byId("help");
  box.hidden = !box.hidden;
  byId("help-button").setAttribute("aria-expanded", String(!box.hidden));
}

function typing(target) {
  return target instanceof Element && target.closest("input:not([type=checkbox]), textarea, select, [contenteditable], dialog");
}

document.addEventListener("keydown", (event) => {
  if (event.repeat || event.ctrlKey || event.altKey || event.metaKey) return;
  if (typing(event.target)) return;
  const deed = KEYS[event.key.length === 1 ? event.key.toLowerCase() : event.key];
  if (!deed || (!byId("keys-on").checked && event.key !== "h")) return;
  event.preventDefault();
  deed();
});

page.addEventListener("submit", (event) => {
  if (event.target.closest("#complete") && unsent.length) {
    event.preventDefault(); // a batch is closed with all of its verdicts
    return tell(true);
  }
  const verdict = event.submitter && event.submitter.value;
  if (!event.target.closest(".item") || !verdict) return;
  event.preventDefault();
  judge(verdict);
});

window.addEventListener("beforeunload", (event) => {
  if (unsent.length) event.preventDefault();
});

byId("undo").addEventListener("click", undo);
byId("help-button").addEventListener("click", help);
byId("help-button").hidden = false;
document.body.classList.add("scripted");
byId("keys-on").checked = localStorage.getItem("cultivar-keys") !== "off";
byId("keys-on").addEventListener("change", (event) => {
  localStorage.setItem("cultivar-keys", event.target.checked ? "on" : "off");
});
show(next(), false);
