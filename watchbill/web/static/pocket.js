// The live pocket: shows pages as they arrive, rings, and answers without leaving the phone.
// Without this script the page still shows what was sent, and its buttons are plain forms.
"use strict";

const MOST_CARDS = 50;
const REJOIN_AFTER_MS = 5000;

const pocket = document.getElementById("pocket");
const list = document.getElementById("pages");
const connection = document.getElementById("connection");
const spoken = document.getElementById("spoken");
const soundHint = document.getElementById("sound");
const usualTitle = document.title;

let audio = null; // browsers allow sound only after a first gesture
let unseen = 0;

function cardOf(html) {
  const holder = document.createElement("template");
  holder.innerHTML = html; // escaped by the server's templates
  return holder.content.firstElementChild;
}

function arrived(event) {
  const page = JSON.parse(event.data);
  const card = cardOf(page.html);
  const known = document.getElementById(card.id);
  if (known) {
    // Sent again with a new connection: it may have been answered elsewhere meanwhile. What is being answered
    // here, or was, is newer.
    const touched = "answered" in known.dataset || known.contains(document.activeElement);
    if (!touched && !known.isEqualNode(card)) known.replaceWith(card);
    return;
  }
  card.classList.add("new");
  list.prepend(card);
  while (list.children.length > MOST_CARDS) list.lastElementChild.remove();
  spoken.textContent = page.spoken;
  ring(page.urgent);
}

function ring(urgent) {
  if (!document.hasFocus()) {
    unseen += 1;
    showTitle();
  }
  if (!audio) return;
  if (navigator.vibrate) navigator.vibrate(urgent ? [300, 120, 300, 120, 300] : [200]);
  const beeps = urgent ? 3 : 1;
  for (let n = 0; n < beeps; n += 1) beep(audio.currentTime + n * 0.35, urgent ? 880 : 560);
}

function beep(at, pitch) {
  const tone = audio.createOscillator();
  const volume = audio.createGain();
  tone.frequency.value = pitch;
  volume.gain.setValueAtTime(0.0001, at);
  volume.gain.exponentialRampToValueAtTime(0.25, at + 0.02);
  volume.gain.exponentialRampToValueAtTime(0.0001, at + 0.28);
  tone.connect(volume).connect(audio.destination);
  tone.start(at);
  tone.stop(at + 0.3);
}

function allowSound() {
  if (audio || !window.AudioContext) return;
  audio = new AudioContext();
  // The line stays, so that nothing moves under the finger.
  soundHint.textContent = "This phone rings when a page arrives.";
}

function showTitle() {
  document.title = unseen ? `(${unseen}) New page! · ${usualTitle}` : usualTitle;
}

function flashTitle() {
  const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
  if (unseen && !still && document.title !== usualTitle) document.title = usualTitle;
  else showTitle();
}

function seen() {
  unseen = 0;
  showTitle();
}

async function answer(event) {
  const form = event.target;
  const card = form.closest(".card");
  if (!card) return;
  event.preventDefault();
  card.dataset.answered = "";
  const buttons = card.querySelectorAll("button");
  const outcome = card.querySelector(".outcome");
  buttons.forEach((button) => { button.disabled = true; });
  outcome.classList.remove("failed");
  outcome.textContent = "Sending…";
  try {
    const response = await fetch(form.action, { method: "POST", headers: { Accept: "application/json" } });
    settle(card, outcome, response.ok, await response.json());
  } catch {
    settle(card, outcome, false, { error: "Not sent: Watchbill can't be reached. Please try again." });
  }
}

function settle(card, outcome, well, said) {
  outcome.textContent = said.message || said.error;
  outcome.classList.toggle("failed", !well);
  for (const one of said.incidents || []) {
    const chip = card.querySelector(`[data-number="${one.number}"] .phase`);
    if (!chip) continue;
    chip.dataset.phase = one.phase;
    chip.textContent = one.state.charAt(0).toUpperCase() + one.state.slice(1);
  }
  const left = said.answers;
  card.querySelectorAll("form").forEach((form) => {
    if (left && !left.includes(form.dataset.answer)) form.remove();
  });
  if (left?.length === 0) card.querySelector(".answers")?.remove();
  else {
    delete card.dataset.answered;
    card.querySelectorAll("button").forEach((button) => { button.disabled = false; });
  }
  outcome.focus();
}

function showConnection(state, text) {
  connection.dataset.state = state;
  connection.textContent = text;
}

function join() {
  const source = new EventSource(pocket.dataset.events);
  source.addEventListener("open", () => showConnection("live", "Live"));
  source.addEventListener("page", arrived);
  source.addEventListener("error", () => {
    showConnection("lost", "Reconnecting…");
    // The browser comes back by itself after a lost connection, but not after a refusal.
    if (source.readyState === EventSource.CLOSED) setTimeout(join, REJOIN_AFTER_MS);
  });
}

soundHint.hidden = !window.AudioContext;
document.addEventListener("click", allowSound);
document.addEventListener("keydown", allowSound);
document.addEventListener("submit", answer);
addEventListener("focus", seen);
setInterval(flashTitle, 1000);
showConnection("lost", "Connecting…");
join();
