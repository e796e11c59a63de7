/* The page of the simulated phones. Everything that comes from the simulator
 * reaches the page through textContent or attributes, never as markup. */

const CONTROL = "/_control";
const LAST_REQUESTS = 50;
const $ = (id) => document.getElementById(id);

/* ---------------------------------------------------------------- helpers */

function h(tag, props = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(props)) {
    if (value === undefined || value === null || value === false) continue;
    if (name === "text") element.textContent = value;
    else if (name === "class") element.className = value;
    else if (name === "on") {
      for (const [event, handler] of Object.entries(value)) element.addEventListener(event, handler);
    } else if (name === "data") Object.assign(element.dataset, value);
    else element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children.filter((child) => child !== null && child !== undefined));
  return element;
}

const SVG = "http://www.w3.org/2000/svg";
function icon(path) {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("aria-hidden", "true");
  const shape = document.createElementNS(SVG, "path");
  shape.setAttribute("d", path);
  svg.append(shape);
  return svg;
}
const SEND = "M3.4 20.4 21 12 3.4 3.6 3 10l11 2-11 2z";

function setText(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

/* Puts one child per item in parent, in order, keeping the elements that are
 * already there (so focus, scrolling and half-typed text survive). */
function reconcile(parent, items, keyOf, create, update) {
  const wanted = new Map(items.map((item) => [String(keyOf(item)), item]));
  const present = new Map();
  for (const child of [...parent.children]) {
    if (wanted.has(child.dataset.key)) present.set(child.dataset.key, child);
    else child.remove();
  }
  let cursor = parent.firstElementChild;
  for (const [key, item] of wanted) {
    let child = present.get(key);
    if (!child) {
      child = create(item);
      child.dataset.key = key;
    }
    if (child === cursor) cursor = cursor.nextElementSibling;
    else parent.insertBefore(child, cursor);
    update(child, item);
  }
}

/* Sets a form control unless the visitor is busy with it. */
function setControl(control, value) {
  if (document.activeElement === control || control.dataset.dirty) return;
  if (control.value !== String(value)) control.value = value;
}

/* A select that always offers the value it has to show. */
function setSelect(select, value) {
  if (![...select.options].some((option) => option.value === value)) {
    select.append(h("option", { value, text: value }));
  }
  if (document.activeElement === select && select.dataset.shown === value) return;
  if (select.value !== value) select.value = value;
  select.dataset.shown = value;
}

const number = (value) => new Intl.NumberFormat("en-GB", { maximumFractionDigits: 2 }).format(value);
const plural = (count, one, many) => `${number(count)}\u00a0${count === 1 ? one : many}`;

function toast(text) {
  const sentence = text.charAt(0).toUpperCase() + text.slice(1);
  const close = h("button", { type: "button", class: "toast-close", "aria-label": "Dismiss", text: "×" });
  const element = h("div", { class: "toast" }, h("p", { text: sentence }), close);
  const remove = () => element.remove();
  close.addEventListener("click", remove);
  $("toasts").append(element);
  while ($("toasts").children.length > 3) $("toasts").firstElementChild.remove();
  setTimeout(remove, 12000);
}

function announce(sentence) {
  const line = h("p", { text: sentence });
  $("announcer").append(line);
  setTimeout(() => line.remove(), 10000);
}

/* ----------------------------------------------------------------- server */

class Refused extends Error {}

async function call(method, path, body) {
  let response;
  try {
    response = await fetch(CONTROL + path, {
      method,
      cache: "no-store",
      headers: method === "GET" ? {} : { "Content-Type": "application/json" },
      body: method === "GET" ? undefined : JSON.stringify(body ?? {}),
    });
  } catch {
    throw new Error("The simulator does not answer.");
  }
  let answer = null;
  const text = await response.text();
  try {
    answer = text ? JSON.parse(text) : null;
  } catch {
    answer = null;
  }
  if (!response.ok) {
    throw new Refused(answer?.error ?? `The simulator answered ${response.status} to ${method} ${path}.`);
  }
  return answer;
}

/* A call asked for by the visitor: its failure is shown. */
async function act(method, path, body) {
  try {
    const answer = await call(method, path, body);
    refresh();
    return answer ?? true;
  } catch (error) {
    toast(error.message);
    refresh();
    return null;
  }
}

/* ------------------------------------------------------------------ times */

let state = null;
let clockBase = 0;
let clockRead = 0;

const simulatedNow = () => new Date(clockBase + (performance.now() - clockRead));
const dayOf = new Intl.DateTimeFormat("en-GB", { weekday: "short", day: "numeric", month: "short", year: "numeric" });
const shortDay = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short" });
const clockFormat = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit", second: "2-digit" });
const minuteFormat = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit" });

function when(iso) {
  const date = new Date(iso);
  if (Number.isNaN(date.getTime())) return String(iso ?? "");
  const time = minuteFormat.format(date);
  return dayOf.format(date) === dayOf.format(simulatedNow()) ? time : `${shortDay.format(date)}, ${time}`;
}

function duration(seconds) {
  const size = Math.abs(seconds);
  if (size < 120) return plural(size, "second", "seconds");
  if (size < 7200) return plural(Math.round(size / 6) / 10, "minute", "minutes");
  if (size < 172800) return plural(Math.round(size / 360) / 10, "hour", "hours");
  return plural(Math.round(size / 8640) / 10, "day", "days");
}

function tick() {
  if (!state) return;
  const now = simulatedNow();
  setText($("clock-time"), clockFormat.format(now));
  setText($("clock-date"), dayOf.format(now));
  const minute = minuteFormat.format(now);
  for (const element of document.querySelectorAll(".status-time")) setText(element, minute);
}

/* ----------------------------------------------------------------- phones */

const FATES = [
  ["delivered", "are delivered"],
  ["failed", "fail"],
  ["slow", "arrive slowly"],
  ["never", "never arrive"],
  ["expired", "expire"],
];

const STATES = {
  pending: "On its way",
  delivered: "Delivered",
  failed: "Not delivered",
  expired: "Expired",
};

const isName = (sender) => /\p{L}/u.test(sender ?? "");

/* The numbers of an account that anyone can write to. */
const virtualNumbers = (account) => (account.virtualNumbers ?? [])
  .map((item) => (typeof item === "string" ? item : item?.international ?? item?.number ?? ""))
  .map((text) => text.replace(/^00/, "+")).filter(Boolean);

/* Where a message typed on this phone can go: one choice per account. */
function answerTargets(phone) {
  const targets = new Map();
  for (const message of [...phone.messages].reverse()) {
    if (message.direction !== "in" || !message.canReply || targets.has(message.account)) continue;
    targets.set(message.account, message.sender);
  }
  for (const account of state?.accounts ?? []) {
    const [first] = virtualNumbers(account);
    if (first && !targets.has(account.name)) targets.set(account.name, `${first} (virtual)`);
  }
  return [...targets].map(([account, sender]) => ({ account, sender }));
}

function whyNoAnswer(last) {
  if (!last) return "Nothing to answer yet.";
  if (last.canReply) return "";
  if (isName(last.sender)) {
    return `“${last.sender}” is a name, not a number: it cannot be answered.`;
  }
  return `Messages from ${last.sender || "this sender"} were sent without a number that takes answers.`;
}

function createPhone(phone) {
  const id = `phone-${phone.number.replace(/[^\w]/g, "")}`;
  const fate = h("select", { id: `${id}-fate` }, ...FATES.map(([value, text]) => h("option", { value, text })));
  const ptt = h("input", {
    id: `${id}-ptt`, type: "number", min: "0", max: "9999", step: "1", placeholder: "ptt", inputmode: "numeric",
  });
  const pttField = h("label", { class: "ptt", for: `${id}-ptt`, hidden: true }, h("span", { text: "with code" }), ptt);
  const setFate = () => {
    const body = { number: phone.number, fate: fate.value };
    if (fate.value === "failed" && ptt.value !== "") body.ptt = Number(ptt.value);
    pttField.hidden = fate.value !== "failed";
    act("POST", "/fate", body);
  };
  fate.addEventListener("change", setFate);
  ptt.addEventListener("change", setFate);

  const log = h("div", {
    class: "log", role: "log", "aria-live": "off", tabindex: "0", "aria-label": `Messages on ${phone.number}`,
  });
  log.addEventListener("scroll", () => {
    log.dataset.away = log.scrollHeight - log.scrollTop - log.clientHeight > 60 ? "yes" : "";
  }, { passive: true });

  const target = h("select", { id: `${id}-target`, class: "target" });
  const toField = h("div", { class: "to" },
    h("label", { for: `${id}-target`, text: "To" }), target, h("span", { class: "target-text" }));
  const text = h("textarea", { id: `${id}-text`, rows: "1", placeholder: "Text message", maxlength: "2000", enterkeyhint: "send" });
  const send = h("button", { type: "submit", class: "send", "aria-label": `Send from ${phone.number}` }, icon(SEND));
  const form = h("form", { class: "compose" }, toField,
    h("div", { class: "compose-row" },
      h("label", { for: `${id}-text`, class: "hidden-text", text: `Answer from ${phone.number}` }), text, send));
  text.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
      event.preventDefault();
      form.requestSubmit();
    }
  });
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (!text.value.trim() || send.disabled) return;
    const body = { number: phone.number, text: text.value };
    if (target.value) body.account = target.value;
    send.disabled = true;
    log.dataset.away = "";
    if (await act("POST", "/reply", body)) text.value = "";
    send.disabled = false;
    text.focus();
  });

  const stop = h("button", { type: "button", class: "small stop", text: "STOP", "aria-label": `Send STOP from ${phone.number}` });
  stop.addEventListener("click", () => {
    log.dataset.away = "";
    act("POST", "/reply", { number: phone.number, text: "STOP", account: stop.dataset.account || undefined });
  });

  const title = `${id}-title`;
  return h("article", { class: "phone-card", "aria-labelledby": title, data: { fresh: "yes" } },
    h("div", { class: "device" },
      h("div", { class: "screen" },
        h("div", { class: "status-bar", "aria-hidden": "true" },
          h("span", { class: "status-time" }),
          h("span", { class: "island" }),
          h("span", { class: "status-icons" },
            h("span", { class: "bars" }, h("i"), h("i"), h("i"), h("i")),
            h("span", { class: "battery" }))),
        h("header", { class: "phone-head" },
          h("h3", { id: title, text: phone.number }),
          h("span", { class: "blacklisted", hidden: true, text: "Has sent STOP" })),
        log,
        h("div", { class: "foot" }, 
          h("div", { class: "cannot" }, h("p"), stop), form),
        h("div", { class: "home-bar", "aria-hidden": "true" }))),
    h("div", { class: "fate" },
      h("label", { for: `${id}-fate`, text: "Messages to it" }), fate, pttField));
}

function messageParts(message) {
  const parts = [];
  if (message.parts) parts.push(plural(message.parts, "part", "parts"));
  if (message.encoding) parts.push(message.encoding === "gsm7" ? "GSM-7" : message.encoding === "unicode" ? "Unicode" : message.encoding);
  if (Number.isFinite(message.characters)) parts.push(plural(message.characters, "char", "chars"));
  if (message.direction === "in" && Number.isFinite(message.credits)) parts.push(plural(message.credits, "credit", "credits"));
  return parts.join(" · ");
}

function createMessage(message) {
  return h("div", { class: `message ${message.direction === "out" ? "out" : "in"}` },
    h("p", { class: "sender" }, h("span", { class: "sender-name", dir: "auto" }), h("span", { class: "flash", hidden: true, text: "Flash" })),
    h("p", { class: "bubble", dir: "auto" }),
    h("p", { class: "meta" }, h("time"), h("span", { class: "delivery" })),
    h("p", { class: "details" }),
    h("p", { class: "tag", hidden: true }));
}

function updateMessage(element, message) {
  const part = (name) => element.querySelector(name);
  const out = message.direction === "out";
  setText(part(".sender-name"), out ? "" : message.sender || "Unknown sender");
  part(".sender").hidden = out && !message.flash;
  part(".flash").hidden = !message.flash;
  setText(part(".bubble"), message.text ?? "");
  const time = part("time");
  setText(time, when(message.at));
  time.dateTime = message.at ?? "";
  time.title = message.at ?? "";
  element.dataset.state = message.state ?? "";
  const delivery = part(".delivery");
  setText(delivery, out ? "Sent" : STATES[message.state] ?? message.state ?? "");
  const codes = [];
  if (Number.isFinite(message.deliveryReceipt)) codes.push(`delivery receipt ${message.deliveryReceipt}`);
  if (Number.isFinite(message.ptt)) codes.push(`ptt ${message.ptt}`);
  delivery.title = codes.join(", ");
  const details = [messageParts(message)];
  if (!out && message.state && message.state !== "pending" && message.state !== "delivered" && Number.isFinite(message.ptt)) {
    details.push(`code ${message.ptt}`);
  }
  setText(part(".details"), details.filter(Boolean).join(" · "));
  part(".details").title = message.account ? `Account ${message.account}, message ${message.id}` : "";
  part(".tag").hidden = !message.tag;
  setText(part(".tag"), message.tag ? `Tag ${message.tag}` : "");
}

function updatePhone(card, phone) {
  const part = (name) => card.querySelector(name);
  part(".blacklisted").hidden = !phone.blacklisted;
  const fate = part(".fate select");
  setSelect(fate, phone.fate);
  part(".ptt").hidden = fate.value !== "failed";

  const log = part(".log");
  const count = () => log.querySelectorAll(".message").length;
  const before = count();
  const messages = [...phone.messages];
  if (messages.length) {
    if (log.querySelector(".no-message")) log.replaceChildren();
    reconcile(log, messages, (message) => `${message.direction}-${message.id}`, createMessage, updateMessage);
  } else if (!log.querySelector(".no-message")) {
    log.replaceChildren(h("p", { class: "no-message", text: "No message yet. Send one to this number and it appears here." }));
  }
  if (card.dataset.fresh || (count() !== before && !log.dataset.away)) {
    requestAnimationFrame(() => { log.scrollTop = log.scrollHeight; });
  }
  delete card.dataset.fresh;

  const targets = answerTargets(phone);
  const last = messages.findLast((message) => message.direction === "in");
  const why = last || !targets.length ? whyNoAnswer(last) : "";
  part(".cannot").hidden = !why;
  setText(part(".cannot p"), why);
  part(".stop").hidden = !last || phone.blacklisted;
  part(".stop").dataset.account = last?.account ?? "";
  part(".compose").hidden = targets.length === 0;
  if (!targets.length) return;

  const select = part(".target");
  const known = [...select.options].map((option) => `${option.value}\n${option.textContent}`).join("\n");
  const label = (target) => (targets.length > 1 ? `${target.sender} (${target.account})` : target.sender);
  if (known !== targets.map((target) => `${target.account}\n${label(target)}`).join("\n")) {
    const chosen = document.activeElement === select ? select.value : null;
    select.replaceChildren(...targets.map((target) => h("option", { value: target.account ?? "", text: label(target) })));
    if (chosen !== null && targets.some((target) => target.account === chosen)) select.value = chosen;
  }
  select.hidden = targets.length < 2;
  const only = part(".target-text");
  only.hidden = targets.length > 1;
  setText(only, targets[0].sender ?? "");
}

let heard = null;
function announceNew(phones) {
  const now = new Set();
  for (const phone of phones) {
    for (const message of phone.messages) {
      if (message.direction !== "in") continue;
      const key = `${phone.number} ${message.id}`;
      now.add(key);
      if (heard && !heard.has(key)) {
        announce(`New message on ${phone.number} from ${message.sender || "an unknown sender"}: ${message.text ?? ""}`);
      }
    }
  }
  heard = now;
}

/* --------------------------------------------------------------- accounts */

const ACCOUNT_STATUSES = ["enable", "disable", "expired"];
const SENDER_STATUSES = ["enable", "waitingValidation", "refused", "disable"];
const STATUS_NAMES = { enable: "Enabled", disable: "Disabled", waitingValidation: "Waiting", refused: "Refused", expired: "Expired" };
const options = (values) => values.map((value) => h("option", { value, text: STATUS_NAMES[value] ?? value }));
const slug = (value) => String(value).replace(/[^\w-]/g, (character) => `_${character.codePointAt(0)}_`);

function createAccount(account) {
  const id = `account-${slug(account.name)}`;
  const credits = h("input", { id: `${id}-credits`, type: "number", step: "any", min: "0", inputmode: "decimal" });
  const status = h("select", { id: `${id}-status` }, ...options(ACCOUNT_STATUSES));
  const save = h("button", { type: "submit", class: "small", text: "Save" });
  const form = h("form", { class: "fields account-form" },
    h("label", { for: credits.id }, "Credits", credits),
    h("label", { for: status.id }, "Status", status), save);
  for (const control of [credits, status]) {
    control.addEventListener("input", () => { control.dataset.dirty = "yes"; form.classList.add("dirty"); });
  }
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (credits.value === "" || !credits.checkValidity()) {
      toast("Credits must be a number, zero or more.");
      return;
    }
    const done = await act("PATCH", `/accounts/${encodeURIComponent(account.name)}`,
      { creditsLeft: Number(credits.value), status: status.value });
    if (!done) return;
    for (const control of [credits, status]) delete control.dataset.dirty;
    form.classList.remove("dirty");
  });

  const name = h("input", { id: `${id}-sender`, type: "text", autocomplete: "off", placeholder: "New sender", required: true });
  const nameStatus = h("select", { id: `${id}-sender-status`, "aria-label": "Status of the new sender" }, ...options(SENDER_STATUSES));
  const add = h("form", { class: "fields sender-form" },
    h("label", { for: name.id, class: "grow" }, h("span", { class: "hidden-text", text: "New sender" }), name), nameStatus,
    h("button", { type: "submit", class: "small", text: "Add" }));
  add.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (!name.value.trim()) return;
    if (await act("POST", "/senders", { account: account.name, sender: name.value.trim(), status: nameStatus.value })) name.value = "";
  });

  return h("section", { class: "card account", "aria-labelledby": `${id}-title` },
    h("div", { class: "account-head" },
      h("div", {}, h("h3", { id: `${id}-title`, text: account.name }), h("p", { class: "quiet description" })),
      h("p", { class: "credits" }, h("strong"), h("span", { class: "quiet", text: "credits" }))),
    form,
    h("h4", { text: "Senders" }),
    h("ul", { class: "plain senders" }),
    add,
    h("p", { class: "quiet virtual" }),
    h("p", { class: "quiet pending" }));
}

function updateAccount(card, account) {
  const part = (name) => card.querySelector(name);
  setText(part(".description"), account.description ?? "");
  setText(part(".credits strong"), number(account.credits));
  card.dataset.status = account.status;
  const [credits, status] = [part(".account-form input"), part(".account-form select")];
  setControl(credits, account.credits);
  if (!status.dataset.dirty) setSelect(status, account.status);

  reconcile(part(".senders"), account.senders ?? [], (sender) => sender.sender, (sender) => {
    const select = h("select", { "aria-label": `Status of the sender ${sender.sender}` }, ...options(SENDER_STATUSES));
    select.addEventListener("change", () =>
      act("POST", "/senders", { account: account.name, sender: sender.sender, status: select.value }));
    return h("li", {},
      h("span", { class: "sender-id" }, h("span", { class: "sender-label", dir: "auto" }), h("span", { class: "quiet sender-type" })),
      select);
  }, (line, sender) => {
    setText(line.querySelector(".sender-label"), sender.sender);
    setText(line.querySelector(".sender-type"), sender.type ?? "");
    setSelect(line.querySelector("select"), sender.status);
  });

  const numbers = virtualNumbers(account);
  part(".virtual").hidden = numbers.length === 0;
  setText(part(".virtual"), `Virtual ${numbers.length === 1 ? "number" : "numbers"}: ${numbers.join(", ")}`);
  part(".pending").hidden = !account.pending;
  setText(part(".pending"), `${plural(account.pending ?? 0, "message", "messages")} on the way`);
}

function updateCredentials(credentials) {
  $("no-credentials").hidden = credentials.length > 0;
  reconcile($("credentials"), credentials, (item) => `${item.application} ${item.consumerKey}`,
    () => h("li", {}, h("span", { class: "application" }), h("code"), h("span", { class: "badge" }), h("span", { class: "quiet" })),
    (line, item) => {
      const key = String(item.consumerKey ?? "");
      setText(line.querySelector(".application"), item.application ?? "");
      setText(line.querySelector("code"), `…${key.slice(-4)}`);
      line.querySelector("code").title = "The end of the consumer key";
      setText(line.querySelector(".badge"), item.status ?? "");
      line.querySelector(".badge").dataset.status = item.status ?? "";
      setText(line.querySelector(".quiet"), item.expiration ? `until ${when(item.expiration)}` : "no expiration");
    });
}

/* ----------------------------------------------------------------- faults */

const GROUPS = [
  ["Network", [
    { title: "Refuse connections", hint: "As if the service were down.", set: { kind: "refuse" }, times: false },
    { title: "Cut before acceptance", hint: "The connection is reset, nothing is done.", set: { kind: "reset", applied: "before" } },
    { title: "Cut after acceptance", hint: "The call is carried out, its answer is lost.", set: { kind: "reset", applied: "after" } },
    { title: "Hang before acceptance", hint: "Waits, and only then carries the call out.", set: { kind: "hang", applied: "before" }, fields: ["seconds"], defaults: { seconds: 60 } },
    { title: "Hang after acceptance", hint: "Carries the call out, then waits to answer.", set: { kind: "hang", applied: "after" }, fields: ["seconds"], defaults: { seconds: 60 } },
    { title: "Slow", hint: "Every answer comes late.", set: { kind: "slow" }, fields: ["seconds"], defaults: { seconds: 5 } },
  ]],
  ["Answers", [
    { title: "429 Too Many Requests", hint: "With a Retry-After header.", set: { kind: "status", status: 429 }, fields: ["retry_after"], defaults: { retry_after: 30 } },
    { title: "500 Internal Server Error", hint: "With a JSON body.", set: { kind: "status", status: 500, body: "json" }, fields: ["applied"] },
    { title: "502 Bad Gateway", hint: "With an HTML page.", set: { kind: "status", status: 502, body: "html" }, fields: ["applied"] },
    { title: "Empty body", hint: "200 with nothing in it.", set: { kind: "status", status: 200, body: "empty" }, fields: ["applied"] },
    { title: "Unexpected body", hint: "200 with another kind of JSON.", set: { kind: "status", status: 200 }, fields: ["body", "applied"], defaults: { body: "list" } },
    { title: "Empty ids", hint: "A message is accepted, but no id is given.", set: { kind: "empty_ids" } },
    { title: "Half the receivers", hint: "The other half comes back as invalid.", set: { kind: "half" } },
  ]],
  ["Refusals", [
    { title: "Invalid credential", hint: "403 INVALID_CREDENTIAL", set: { kind: "forbidden", reason: "INVALID_CREDENTIAL" } },
    { title: "Not a credential", hint: "403 NOT_CREDENTIAL", set: { kind: "forbidden", reason: "NOT_CREDENTIAL" } },
    { title: "Call not granted", hint: "403 NOT_GRANTED_CALL", set: { kind: "forbidden", reason: "NOT_GRANTED_CALL" } },
    { title: "Invalid application key", hint: "403 INVALID_KEY", set: { kind: "forbidden", reason: "INVALID_KEY" } },
    { title: "Forbidden", hint: "403 FORBIDDEN", set: { kind: "forbidden", reason: "FORBIDDEN" } },
    { title: "Refused by IAM", hint: "403, missing IAM rights", set: { kind: "forbidden", reason: "IAM" } },
    { title: "Bad signature", hint: "Every signature is found wrong.", set: { kind: "signature" } },
    { title: "Expired service", hint: "The SMS service is past its date.", set: { kind: "expired" } },
  ]],
  ["Time", [
    { title: "Clock skew", hint: "The clock of the API is off.", set: { kind: "skew" }, fields: ["seconds"], defaults: { seconds: 600 }, times: false, negative: true },
    { title: "Lag of /outgoing", hint: "What is sent from now on is listed late.", set: { kind: "lag" }, fields: ["seconds"], defaults: { seconds: 60 } },
  ]],
];
const PRESETS = GROUPS.flatMap(([, presets]) => presets);
const BODIES = [["list", "a list"], ["string", "a string"], ["null", "null"], ["odd", "odd fields"]];
const MOMENTS = [["before", "before acceptance"], ["after", "after acceptance"]];
const CHOICES = { body: BODIES, applied: MOMENTS };
/* What the simulator leaves out because it goes without saying. */
const UNSET = { applied: "before", body: "json", reason: "INVALID_CREDENTIAL" };

function faultMatches(preset, fault) {
  const fits = Object.entries(preset.set).every(([name, value]) => (fault[name] ?? UNSET[name]) === value);
  if (!fits || !preset.fields?.includes("body")) return fits;
  return BODIES.some(([value]) => value === fault.body);
}

const FIELD_LABELS = { times: "times", seconds: "seconds", retry_after: "retry after (s)", body: "body", applied: "acts" };

function buildFaults() {
  PRESETS.forEach((preset, index) => {
    const id = `fault-${index}`;
    const inputs = {};
    const names = [...(preset.fields ?? []), ...(preset.times === false ? [] : ["times"])];
    const fields = names.map((name) => {
      const value = preset.defaults?.[name];
      if (CHOICES[name]) {
        inputs[name] = h("select", {}, ...CHOICES[name].map(([key, text]) => h("option", { value: key, text })));
      } else {
        inputs[name] = h("input", {
          type: "number", inputmode: "numeric", placeholder: "∞", value,
          min: name === "times" ? "1" : preset.negative ? null : "0", step: name === "times" ? "1" : "any",
        });
      }
      return h("label", {}, h("span", { text: FIELD_LABELS[name] }), inputs[name]);
    });
    const toggle = h("input", { type: "checkbox", role: "switch", id, "aria-describedby": `${id}-hint` });
    const left = h("span", { class: "left" });
    toggle.addEventListener("change", async () => {
      toggle.disabled = true;
      if (toggle.checked) {
        const body = { ...preset.set };
        for (const name of names) {
          const raw = inputs[name].value;
          if (raw === "") {
            if (name === "times") body.times = null;
          } else body[name] = CHOICES[name] ? raw : Number(raw);
        }
        if ($("limit-method").value) body.method = $("limit-method").value;
        if ($("limit-path").value.trim()) body.path = $("limit-path").value.trim();
        if (Object.values(inputs).some((input) => !input.checkValidity())) toast(`${preset.title}: check the figures.`);
        else await act("POST", "/faults", body);
      } else {
        for (const fault of (state?.faults ?? []).filter((item) => presetOf(item) === preset)) {
          await act("DELETE", `/faults/${encodeURIComponent(fault.id)}`);
        }
      }
      toggle.disabled = false;
      await refresh();
      toggle.focus({ preventScroll: true });
    });
    preset.ui = { toggle, left, inputs };
    preset.ui.row = h("div", { class: "fault" },
      h("label", { for: id, class: "fault-title", text: preset.title }), toggle,
      h("p", { class: "quiet fault-hint", id: `${id}-hint` }, h("span", { text: preset.hint }), left),
      h("div", { class: "fault-fields", role: "group", "aria-label": preset.title }, ...fields));
  });
  $("fault-groups").append(...GROUPS.map(([title, presets], index) =>
    h("details", { class: "card fault-group", open: index === 0 },
      h("summary", {}, title, " ", h("span", { class: "count", hidden: true })),
      ...presets.map((preset) => preset.ui.row))));
}

const presetOf = (fault) => PRESETS.find((preset) => faultMatches(preset, fault));

function faultSentence(fault) {
  const rest = Object.entries(fault)
    .filter(([name, value]) => !["id", "kind", "left"].includes(name) && value !== null && value !== undefined && value !== "")
    .map(([name, value]) => `${name} ${value}`);
  return [fault.kind, ...rest].join(", ");
}

function leftSentence(faults) {
  if (!faults.length) return "";
  const limits = faults.map((fault) => [fault.method, fault.path].filter(Boolean).join(" ")).filter(Boolean);
  const lefts = faults.map((fault) => fault.left);
  const count = lefts.some((left) => left === null || left === undefined) ? "on until switched off"
    : `${plural(lefts.reduce((sum, left) => sum + left, 0), "time", "times")} left`;
  return [count, ...new Set(limits)].join(", ");
}

function updateFaults(faults) {
  const byPreset = new Map();
  const others = [];
  for (const fault of faults) {
    const preset = presetOf(fault);
    if (preset) byPreset.set(preset, [...(byPreset.get(preset) ?? []), fault]);
    else others.push(fault);
  }
  for (const preset of PRESETS) {
    const active = byPreset.get(preset) ?? [];
    const { toggle, left, inputs, row } = preset.ui;
    if (!toggle.disabled) toggle.checked = active.length > 0;
    row.classList.toggle("active", active.length > 0);
    setText(left, leftSentence(active));
    for (const [name, input] of Object.entries(inputs)) {
      input.disabled = active.length > 0;
      const value = active[0]?.[name] ?? (active.length ? UNSET[name] : undefined);
      if (name !== "times" && value !== undefined) input.value = value;
    }
  }
  GROUPS.forEach(([, presets], index) => {
    const count = presets.filter((preset) => byPreset.has(preset)).length;
    setCount($("fault-groups").children[index].querySelector(".count"), count, "on");
  });
  setCount($("fault-count"), faults.length, "in force");
  $("clear-faults").disabled = faults.length === 0;
  $("other-faults-card").hidden = others.length === 0;
  reconcile($("other-faults"), others, (fault) => fault.id,
    (fault) => h("li", {}, h("span", { class: "other-fault" }),
      h("button", { type: "button", class: "small", text: "Off", "aria-label": `Switch off ${faultSentence(fault)}`,
        on: { click: () => act("DELETE", `/faults/${encodeURIComponent(fault.id)}`) } })),
    (line, fault) => setText(line.querySelector(".other-fault"), `${faultSentence(fault)} (${leftSentence([fault])})`));
}

function setCount(element, count, meaning) {
  element.hidden = count === 0;
  setText(element, number(count));
  element.title = `${count} ${meaning}`;
}

/* --------------------------------------------------------------- requests */

let newestRequest = 0;

function createRequest(request) {
  return h("details", { class: "request" },
    h("summary", {},
      h("span", { class: "method" }), h("span", { class: "path" }), h("span", { class: "status" }), h("time")),
    h("pre", { tabindex: "0", "aria-label": "Details of the request" }));
}

function updateRequest(line, request) {
  const part = (name) => line.querySelector(name);
  setText(part(".method"), request.method ?? "");
  part(".method").dataset.method = request.method ?? "";
  setText(part(".path"), request.path ?? "");
  const status = part(".status");
  setText(status, request.status ? String(request.status) : "no answer");
  status.dataset.kind = request.status ? String(request.status)[0] : "0";
  const at = new Date(request.at);
  setText(part("time"), Number.isNaN(at.getTime()) ? "" : clockFormat.format(at));
  part("time").title = request.at ?? "";
  const { json, body, ...rest } = request;
  const sent = json ?? (body || undefined);
  setText(part("pre"), JSON.stringify(sent === undefined ? rest : { ...rest, body: sent }, null, 2));
}

async function updateRequests() {
  setCount($("request-count"), state.requests, state.requests === 1 ? "request" : "requests");
  $("clear-requests").disabled = state.requests === 0;
  if ($("pane-requests").hidden) return;
  if (state.requests === 0) newestRequest = 0;
  let answer = await call("GET", `/requests?since=${Math.max(0, newestRequest - LAST_REQUESTS)}`);
  if (!answer.requests.length && state.requests) answer = await call("GET", "/requests?since=0");
  const last = answer.requests.slice(-LAST_REQUESTS);
  newestRequest = last.at(-1)?.number ?? 0;
  $("no-requests").hidden = last.length > 0;
  setText($("request-summary"),
    `The last ${LAST_REQUESTS} requests, newest first. ${plural(answer.connections, "connection", "connections")} so far.`);
  reconcile($("requests"), last.reverse(), (request) => `${request.number} ${request.at}`, createRequest, updateRequest);
}

/* ------------------------------------------------------------ whole state */

function show(next) {
  state = next;
  clockBase = new Date(next.now).getTime();
  clockRead = performance.now();
  tick();

  const phones = next.phones ?? [];
  $("empty").hidden = phones.length > 0;
  setText($("empty-api"), next.api || "this simulator");
  reconcile($("phone-grid"), phones, (phone) => phone.number, createPhone, updatePhone);
  tick();
  announceNew(phones);

  reconcile($("accounts"), next.accounts ?? [], (account) => account.name, createAccount, updateAccount);
  setText($("api-url"), next.api ?? "");
  updateCredentials(next.credentials ?? []);
  updateFaults(next.faults ?? []);

  const notices = [];
  if (next.refusing) notices.push("Connections to the API are being refused.");
  if (next.skew) notices.push(`The clock of the API is ${duration(next.skew)} ${next.skew > 0 ? "ahead" : "behind"}.`);
  $("notice").hidden = notices.length === 0;
  setText($("notice"), notices.join(" "));
}

let running = null;
let again = false;

/* One read at a time; whatever happens meanwhile asks for one more. */
function refresh() {
  if (running) {
    again = true;
    return running;
  }
  running = (async () => {
    do {
      again = false;
      try {
        show(await call("GET", "/state"));
        await updateRequests();
        setGone(false);
      } catch (error) {
        setGone(true, error);
      }
    } while (again);
    running = null;
  })();
  return running;
}

function setGone(gone, error) {
  const text = !gone ? "" : error instanceof TypeError
    ? "The simulator gave an answer this page does not understand."
    : "The simulator is gone. What you see may be old; this page reconnects by itself when it is back.";
  if (error instanceof TypeError) console.error(error);
  $("gone").hidden = !gone;
  setText($("gone"), text);
  document.body.classList.toggle("stale", gone);
  setLive(gone ? "gone" : streamOpen ? "on" : "wait");
}

function setLive(value) {
  $("live").dataset.state = value;
  setText($("live-text"), { on: "Live", wait: "Connecting", gone: "Disconnected" }[value]);
}

/* ------------------------------------------------------------ live updates */

let stream = null;
let streamOpen = false;
let retryDelay = 500;

function listen() {
  stream?.close();
  stream = new EventSource(`${CONTROL}/events`);
  stream.onopen = () => {
    streamOpen = true;
    retryDelay = 500;
    refresh();
  };
  stream.onmessage = () => refresh();
  stream.onerror = () => {
    streamOpen = false;
    stream.close();
    refresh();
    setTimeout(listen, retryDelay);
    retryDelay = Math.min(retryDelay * 1.6, 5000);
  };
}

/* ------------------------------------------------------------------- wiring */

function selectTab(tab, focus) {
  for (const other of document.querySelectorAll("[role=tab]")) {
    const on = other === tab;
    other.setAttribute("aria-selected", String(on));
    other.tabIndex = on ? 0 : -1;
    $(other.getAttribute("aria-controls")).hidden = !on;
  }
  if (focus) tab.focus();
  try { sessionStorage.setItem("tab", tab.id); } catch { /* private browsing */ }
  if (tab.id === "tab-requests" && state) refresh();
}

function wire() {
  buildFaults();

  const tabs = [...document.querySelectorAll("[role=tab]")];
  for (const tab of tabs) {
    tab.addEventListener("click", () => selectTab(tab));
    tab.addEventListener("keydown", (event) => {
      const index = tabs.indexOf(tab);
      const to = { ArrowRight: index + 1, ArrowLeft: index - 1, Home: 0, End: tabs.length - 1 }[event.key];
      if (to === undefined) return;
      event.preventDefault();
      selectTab(tabs[(to + tabs.length) % tabs.length], true);
    });
  }
  let remembered = null;
  try { remembered = sessionStorage.getItem("tab"); } catch { /* private browsing */ }
  const wanted = location.hash ? $(`tab-${location.hash.slice(1)}`) : remembered && $(remembered);
  if (wanted && tabs.includes(wanted)) selectTab(wanted);

  for (const button of document.querySelectorAll("[data-advance]")) {
    button.addEventListener("click", () => act("POST", "/clock", { advance: Number(button.dataset.advance) }));
  }

  $("add-phone").addEventListener("submit", async (event) => {
    event.preventDefault();
    const input = $("add-number");
    if (!input.value.trim()) {
      input.focus();
      return;
    }
    if (await act("POST", "/phones", { number: input.value.trim() })) input.value = "";
  });

  $("clear-faults").addEventListener("click", () => act("DELETE", "/faults"));
  $("clear-requests").addEventListener("click", () => act("DELETE", "/requests"));

  const limit = () => {
    const text = [$("limit-method").value, $("limit-path").value.trim()].filter(Boolean).join(" ");
    setText($("limit-summary"), text ? `(${text})` : "");
  };
  $("limit-method").addEventListener("change", limit);
  $("limit-path").addEventListener("input", limit);

  if (navigator.clipboard) {
    $("copy-api").hidden = false;
    $("copy-api").addEventListener("click", async () => {
      try {
        await navigator.clipboard.writeText($("api-url").textContent);
        announce("Address copied");
        setText($("copy-api"), "Copied");
      } catch {
        toast("The browser did not allow copying.");
      }
      setTimeout(() => setText($("copy-api"), "Copy"), 2000);
    });
  }

  $("reset").addEventListener("click", () => $("reset-dialog").showModal());
  $("reset-dialog").addEventListener("close", () => {
    if ($("reset-dialog").returnValue !== "reset") return;
    $("reset-dialog").returnValue = "";
    heard = null;
    act("POST", "/reset");
  });

  setInterval(tick, 1000);
  setInterval(() => { if (!streamOpen) refresh(); }, 5000);
  refresh();
  listen();
}

wire();
