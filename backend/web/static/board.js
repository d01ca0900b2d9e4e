// The triage list: keys, and updates that wait for whoever types and stop when nobody is there.
const AWAY = 10 * 60 * 1000;
const TYPING = "input:not([type=checkbox]), textarea, select";
const board = document.getElementById("board");
const keys = document.getElementById("board-keys");
let touched = Date.now();
let tag = null;

const typing = () => document.activeElement?.matches(TYPING);
const links = () => [...board.querySelectorAll(".board-link")];

keys.checked = localStorage.getItem("board-keys") !== "off";
keys.addEventListener("change", () => localStorage.setItem("board-keys", keys.checked ? "on" : "off"));
for (const name of ["keydown", "pointerdown", "wheel", "touchstart"]) {
  document.addEventListener(name, () => { touched = Date.now(); }, { passive: true });
}

document.addEventListener("htmx:config:request", (event) => {
  if (event.target !== board) return;
  if (typing() || document.hidden || Date.now() - touched > AWAY) event.preventDefault();
  else if (tag) event.detail.ctx.request.headers["If-None-Match"] = tag;
});
document.addEventListener("htmx:after:request", (event) => {
  if (event.target !== board || event.detail.ctx.response.status !== 200) return;
  const news = document.getElementById("board-news");
  if (news && tag) news.textContent = news.dataset.changed;
  tag = event.detail.ctx.response.headers.get("ETag");
});

function go(step) {
  const all = links();
  const at = all.indexOf(document.activeElement);
  const next = at < 0 ? (step > 0 ? 0 : all.length - 1) : at + step;
  all[Math.max(0, Math.min(all.length - 1, next))]?.focus();
}

const letters = { j: () => go(1), k: () => go(-1), "/": () => document.getElementById("search").focus() };
const arrows = { ArrowDown: () => go(1), ArrowUp: () => go(-1) };
document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.altKey || event.metaKey || typing()) return;
  const inList = board.contains(document.activeElement);
  const act = (keys.checked && letters[event.key]) || (inList && arrows[event.key]);
  if (!act) return;
  event.preventDefault();
  act();
});
