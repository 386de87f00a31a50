/* What scripts add to pages that work without them: a button that says it is sending, texts kept on the
   device, smaller photos before they are sent, keys. Nothing is decided here; the server checks all. */
(() => {
  "use strict";
  const doc = document, say = doc.body.dataset;
  const all = (q, from = doc) => [...from.querySelectorAll(q)];
  const one = (q, from = doc) => from.querySelector(q);

  /* ---- sending: once, and it shows ---- */
  const sent = [];
  doc.addEventListener("submit", (e) => {
    const b = e.submitter;
    if (!b || e.defaultPrevented) return;
    /* later, or the button's own value would not be sent */
    setTimeout(() => {
      for (const x of all("button", e.target)) {
        if (!x.disabled) sent.push([x, x.innerHTML]);
        x.disabled = true;
      }
      if (!b.classList.contains("vh")) b.textContent = say.sending;
    });
  });
  addEventListener("pageshow", (e) => {
    if (!e.persisted) return;
    for (const [b, html] of sent.splice(0)) {
      b.disabled = false;
      b.innerHTML = html;
    }
  });

  /* ---- forms: what hangs on a choice, one more line, names while they are typed ---- */
  const holds = (f, when) => when.split("&").every((p) => {
    const [name, values] = p.split("="), x = f.elements[name];
    return !x || values.split("|").includes(x.value);
  });
  const depend = (f) => {
    for (const x of all("[data-shown]", f)) x.hidden = !x.matches(".bad") && !holds(f, x.dataset.shown);
    for (const x of all("[data-need]", f)) {
      const is = holds(f, x.dataset.need), input = one("input,select,textarea", x), free = one(".opt", x);
      let star = one(".req", x);
      if (is && !star && free) {
        star = doc.createElement("span");
        star.className = "req";
        star.ariaHidden = "true";
        star.textContent = "*";
        free.before(star);
      }
      if (star) star.hidden = !is;
      if (free) free.hidden = is;
      if (input) input.required = is;
    }
  };
  doc.addEventListener("change", (e) => { const f = e.target.form || e.target; if (f.elements) depend(f); });

  const LINES = 200;
  const addLine = (field, f) => {
    const button = one(`button[data-add="${field}"]`, f), box = button.closest(".lines"), empty = one("template", box);
    const n = Math.max(-1, ...[...f.elements].map((x) => x.name?.startsWith(field + ".") ? +x.name.slice(field.length + 1).split(".")[0] : -1)
      .filter(Number.isInteger)) + 1;
    if (!empty || n >= LINES) return null;
    const line = empty.content.firstElementChild.cloneNode(true);
    for (const x of [line, ...all("*", line)]) {
      for (const at of [...x.attributes])
        at.value = at.value.replaceAll(field + ".new", field + "." + n).replace("{n}", n + 1);
      if (!x.firstElementChild) x.textContent = x.textContent.replace("{n}", n + 1);
    }
    empty.before(line);
    depend(f);
    return line;
  };
  doc.addEventListener("click", (e) => {
    const b = e.target.closest("button[data-add]"), line = b && addLine(b.dataset.add, b.form);
    if (!line) return;
    e.preventDefault();
    one("input:not([type=hidden]),select,textarea", line)?.focus();
  });

  const known = new WeakMap();
  let wait = 0;
  const take = (x) => { /* chosen from the list, and the only one of that name: its id goes along */
    const fit = (known.get(x) || []).filter((p) => p.label === x.value);
    if (fit.length !== 1 || x.name.endsWith(".add")) return fit.length > 0;
    let id = x.form.elements[x.name + ".id"];
    if (!id) {
      id = doc.createElement("input");
      id.type = "hidden";
      id.name = x.name + ".id";
      x.after(id);
    }
    id.value = fit[0].id + " " + fit[0].label;
    return true;
  };
  const suggest = async (x) => {
    const q = x.value.trim();
    if (!q) return;
    const r = await fetch(x.dataset.pick + "&q=" + encodeURIComponent(q));
    if (!r.ok || x.value.trim() !== q) return;
    const list = await r.json(), id = "list-" + x.name;
    let box = doc.getElementById(id);
    if (!box) {
      box = doc.createElement("datalist");
      box.id = id;
      doc.body.append(box);
      x.setAttribute("list", id);
    }
    known.set(x, list);
    /* the browser sifts by what is typed: initials and codes would not stand in the name */
    box.replaceChildren(...list.map((p) => new Option(`${p.place} ${p.label.includes(q) ? "" : q}`.trim(), p.label)));
    take(x);
  };
  const typed = (e) => {
    const x = e.target;
    if (!x.dataset?.pick || e.isComposing) return;
    clearTimeout(wait);
    if (!take(x)) wait = setTimeout(() => suggest(x).catch(() => {}), 250); /* without it the server asks */
  };
  doc.addEventListener("input", typed);
  doc.addEventListener("compositionend", typed);
  for (const f of doc.forms) depend(f);

  /* ---- texts kept on the device ---- */
  const BEGIN = "stave.draft.";
  const store = {
    get(k) { try { return JSON.parse(localStorage.getItem(BEGIN + k)); } catch { return null; } },
    set(k, v) { try { localStorage.setItem(BEGIN + k, JSON.stringify(v)); return true; } catch { return false; } },
    drop(test) {
      try {
        for (const k of Object.keys(localStorage))
          if (k.startsWith(BEGIN) && test(k.slice(BEGIN.length))) localStorage.removeItem(k);
      } catch { /* storage is closed: nothing was kept either */ }
    },
  };
  const inputs = (f) => [...f.elements].filter((x) => x.name && !/^(file|password|submit|button)$/.test(x.type) &&
    (x.type !== "hidden" || x.name === "id" || x.name === "version"));
  const read = (f) => {
    const o = {};
    for (const x of inputs(f)) {
      if (x.type === "radio") { if (x.checked) o[x.name] = x.value; }
      else if (x.type === "checkbox") { if (x.checked) (o[x.name] ||= []).push(x.value); }
      else if (x.name in o) o[x.name] = [].concat(o[x.name], x.value);
      else o[x.name] = x.value;
    }
    return o;
  };
  const write = (f, o) => {
    for (const name in o) {
      const [field, n, tail] = name.split(".");
      if (tail && !f.elements[name] && Number.isInteger(+n) && one(`button[data-add="${field}"]`, f))
        for (let left = +n; left >= 0 && !f.elements[name] && addLine(field, f); left--); /* as they were */
    }
    for (const x of inputs(f)) {
      const v = o[x.name];
      if (x.type === "radio") x.checked = x.name in o ? v === x.value : x.checked;
      else if (x.type === "checkbox") x.checked = [].concat(v ?? []).includes(x.value);
      else if (typeof v === "string") x.value = v;
    }
  };
  const clock = () => new Date().toTimeString().slice(0, 5);
  const form = one("form[data-draft]");
  /* What was sent and did not come back as this form has arrived. */
  store.drop((k) => k !== form?.dataset.draft && store.get(k)?.sent);
  if (form) {
    const key = form.dataset.draft, line = one(".kept", form);
    const tell = (text) => { line.hidden = false; line.textContent = text; };
    const fresh = JSON.stringify(read(form));
    const kept = store.get(key);
    let last = fresh, isSent = false;
    if (kept && !form.dataset.returned && !one("#errors") && JSON.stringify(kept.o) !== fresh) {
      write(form, kept.o);
      depend(form);
      last = JSON.stringify(read(form));
      tell(say.found);
    }
    const keep = () => {
      if (isSent) return; /* leaving the page must not make a draft of what is on its way */
      const now = read(form), text = JSON.stringify(now);
      if (text === last) return;
      last = text;
      if (store.set(key, { o: now })) tell(say.kept + " " + clock());
    };
    setInterval(keep, 5000);
    doc.addEventListener("visibilitychange", keep);
    form.addEventListener("submit", () => { isSent = store.set(key, { o: read(form), sent: true }); });
    addEventListener("pageshow", (e) => { if (e.persisted) isSent = false; });
    addEventListener("keydown", (e) => {
      if (!(e.ctrlKey || e.metaKey)) return;
      const b = e.key === "Enter" ? one("button[data-main]", form)
        : e.key === "s" ? one(".bar button:not([data-main])", form) : null;
      if (b) { e.preventDefault(); b.click(); }
    });
  }
  for (const f of all("form[action$='/signout']")) f.addEventListener("submit", () => store.drop(() => true));

  /* ---- photos: at most 1500 px and turned upright before they go; where that fails they go as they are ---- */
  const EDGE = 1500;
  const shrink = async (file, show) => {
    const pic = await createImageBitmap(file);
    const by = Math.min(1, EDGE / Math.max(pic.width, pic.height));
    const c = doc.createElement("canvas");
    c.width = Math.round(pic.width * by);
    c.height = Math.round(pic.height * by);
    c.getContext("2d").drawImage(pic, 0, 0, c.width, c.height);
    pic.close();
    const thumb = doc.createElement("canvas"), high = 104;
    thumb.height = high;
    thumb.width = Math.round(high * c.width / c.height);
    thumb.getContext("2d").drawImage(c, 0, 0, thumb.width, high);
    show.append(thumb);
    const blob = await new Promise((done) => c.toBlob(done, "image/jpeg", 0.85));
    return blob && blob.size < file.size ? new File([blob], "photo.jpg", { type: "image/jpeg" }) : file;
  };
  for (const x of all("input[data-photo]")) {
    const show = doc.createElement("div");
    show.className = "photos";
    x.before(show);
    x.addEventListener("change", async () => {
      show.replaceChildren();
      const bag = new DataTransfer();
      for (const f of x.files) bag.items.add(await shrink(f, show).catch(() => f));
      x.files = bag.files;
    });
  }

  /* ---- keys: single letters only where switched on, never while typing ---- */
  let led = "", row = -1;
  const rows = all(".rows a.r, table.cards td.t a");
  const go = (q) => one(q)?.click();
  const step = (by) => {
    row = Math.max(0, Math.min(rows.length - 1, row + by));
    rows[row]?.focus();
  };
  addEventListener("keydown", (e) => {
    if (e.key === "Escape") return go("a[data-esc]");
    if (!say.keys || e.ctrlKey || e.metaKey || e.altKey || e.target.closest("input,select,textarea")) return;
    const k = led + e.key;
    led = e.key === "g" ? "g" : "";
    if (k === "gt") location.assign("/");
    else if (k === "n") go("a[href='/new']");
    else if (k === "j") step(1);
    else if (k === "k") step(-1);
    else if (k === "a") go("[data-key='a']");
    else if (k === "w") go("[data-key='w']");
  });

  for (const b of all("[data-print]")) {
    b.hidden = false;
    b.addEventListener("click", () => print());
  }
})();
