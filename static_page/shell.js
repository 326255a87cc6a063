// The page without a server: what the browser would ask of one is asked of the engine in a worker instead. No request leaves:
// the engine comes as scripts of this folder, so that it works from a file share as well, and the policy of the page forbids
// connections. The address says after its # what is shown, and holds the case itself.
(() => {
  "use strict";
  const parts = new Map();
  let worker;
  let last = 0;
  const waiting = new Map();

  // --- the engine -------------------------------------------------------------------------------------------

  const bytesOf = (text) => Uint8Array.fromBase64?.(text) ?? Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
  const inflated = async (bytes) =>
    new Uint8Array(await new Response(new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"))).arrayBuffer());
  self.enginePart = (name, text) => parts.set(name, bytesOf(text));

  const loaded = (source) => new Promise((resolve, reject) => {
    const script = document.createElement("script");
    script.src = source;
    script.onload = () => { script.remove(); resolve(); };
    script.onerror = () => reject(new Error(`${source} is missing from this folder, or cannot be read`));
    document.head.append(script);
  });

  const started = async () => {
    const list = JSON.parse(document.getElementById("engine").dataset.parts);
    const bar = document.querySelector("#loading progress");
    for (const [name, bytes] of list) {
      await loaded(`engine/${name}.js`);
      bar.value += bytes;
    }
    document.getElementById("loading-what").textContent = "Starting the engine …";
    bar.removeAttribute("value");
    const files = new Map();
    for (const [name, bytes] of parts) files.set(name, await inflated(bytes));
    parts.clear();
    // A worker of a data address, since one of a blob does not start where the page is a file.
    worker = new Worker(`data:text/javascript,${encodeURIComponent(new TextDecoder().decode(files.get("worker.js")))}`, { type: "module" });
    worker.onerror = (event) => stopped(event.message ?? "the engine does not start in this browser");
    worker.onmessage = ({ data: { number, done, failed } }) => {
      const { resolve, reject } = waiting.get(number);
      waiting.delete(number);
      if (failed === undefined) resolve(done);
      else reject(new Error(failed));
    };
    await told({ files });
  };

  const told = (message) => new Promise((resolve, reject) => {
    last += 1;
    waiting.set(last, { resolve, reject });
    worker.postMessage({ number: last, ...message });
  });

  // One request at a time, so that one that nobody waits for any more is never begun.
  let turn = Promise.resolve();
  const ask = (method, target, headers = [], body = new Uint8Array(), isWanted = () => true) => {
    const mine = turn.then(() => (isWanted() ? told({ method, target, headers: [["accept-language", navigator.languages.join(",")], ...headers], body }) : null));
    turn = mine.catch(() => {});
    return mine;
  };

  // --- what htmx and the page's own script ask ----------------------------------------------------------------

  const sent = async (body) => {
    if (body === undefined || body === null) return [new Uint8Array(), []];
    const packed = new Response(body);
    const kind = packed.headers.get("content-type");
    return [new Uint8Array(await packed.arrayBuffer()), kind ? [["content-type", kind]] : []];
  };

  self.fetch = async (target, { method = "GET", headers = {}, body } = {}) => {
    const [content, kind] = await sent(body);
    const answer = await ask(method, target, [...Object.entries(headers), ...kind], content);
    return new Response(answer.body, { status: answer.status, headers: answer.headers });
  };

  self.XMLHttpRequest = class extends EventTarget {
    upload = new EventTarget();
    status = 0;
    #headers = new Headers();
    #sent = [];
    #aborted = false;
    open(method, target) {
      this.method = method.toUpperCase();
      this.target = target;
    }
    overrideMimeType() {}
    setRequestHeader(name, value) {
      this.#sent.push([name.toLowerCase(), value]);
    }
    getResponseHeader(name) {
      return this.#headers.get(name);
    }
    getAllResponseHeaders() {
      return [...this.#headers].map(([name, value]) => `${name}: ${value}\r\n`).join("");
    }
    abort() {
      this.#aborted = true;
      this.onabort?.();
      this.#ended();
    }
    async send(body) {
      try {
        const [content, kind] = await sent(body);
        const given = this.#sent.filter(([name]) => name !== "content-type" || !kind.length || !(body instanceof FormData));
        const answer = await ask(this.method, this.target, given, content, () => !this.#aborted);
        if (this.#aborted) return;
        this.#headers = new Headers(answer.headers);
        this.#headers.delete("hx-push-url");
        const elsewhere = this.#headers.get("hx-redirect");
        this.#headers.delete("hx-redirect");
        this.status = elsewhere ? 204 : answer.status;
        this.responseURL = new URL(this.target, location.href).href;
        this.response = this.responseText = new TextDecoder().decode(answer.body);
        this.onload?.();
        if (elsewhere) visit(elsewhere);
      } catch (error) {
        console.error(error);
        this.onerror?.();
        stopped(error.message);
      }
      this.#ended();
    }
    #ended() {
      this.dispatchEvent(new Event("loadend"));
    }
  };

  // --- visits -------------------------------------------------------------------------------------------------

  const isPage = (answer) => new Headers(answer.headers).get("content-type")?.startsWith("text/html");

  const show = (answer, target) => {
    const page = new DOMParser().parseFromString(new TextDecoder().decode(answer.body), "text/html");
    document.title = page.title;
    document.body.className = page.body.className;
    document.body.replaceChildren(...page.body.childNodes);
    scrollTo(0, 0);
    self.htmx.process(document.body);
    const place = target.partition?.("#")[2] ?? target.split("#")[1] ?? "";
    document.dispatchEvent(new CustomEvent("arrived", { detail: place }));
  };

  const visit = async (target, method = "GET", body = undefined, push = true) => {
    document.body.setAttribute("aria-busy", "true");
    try {
      const [content, kind] = await sent(body);
      const answer = await ask(method, target, kind, content);
      if (!isPage(answer)) return kept(answer);
      show(answer, target);
      remember(answer.at, push);
    } catch (error) {
      stopped(error.message);
    } finally {
      document.body.removeAttribute("aria-busy");
    }
  };

  const remember = (at, push = true) => {
    const place = document.getElementById("form") ? self.sharedCase() : `#${at.split("#")[0]}`;
    if (place === location.hash) return;
    if (push) history.pushState(null, "", place);
    else history.replaceState(null, "", place);
  };

  const blob = (answer) =>
    URL.createObjectURL(new Blob([answer.body], { type: new Headers(answer.headers).get("content-type") }));

  const kept = (answer) => {
    const link = document.createElement("a");
    link.href = blob(answer);
    link.download = /filename="([^"]+)"/.exec(new Headers(answer.headers).get("content-disposition") ?? "")?.[1] ?? "metspine";
    link.click();
  };

  const beside = async (target) => {
    const tab = open("about:blank");
    try {
      const answer = await ask("GET", target);
      if (tab) tab.location.replace(blob(answer));
      else kept(answer);
    } catch (error) {
      tab?.close();
      stopped(error.message);
    }
  };

  const stopped = (message) => {
    const said = document.createElement("p");
    said.className = "strip";
    said.setAttribute("role", "alert");
    said.textContent = `It did not work: ${message}. Load the page again; the address holds the case.`;
    document.body.prepend(said);
  };

  const route = async (push = false) => {
    const place = location.hash;
    if (place.startsWith("#/")) await visit(place.slice(1), "GET", undefined, push);
    else if (!place || !place.startsWith("#case?")) await visit("/", "GET", undefined, push);
    else {
      show(await ask("GET", "/"), "/");
      self.openSharedCase(place);
    }
  };

  document.addEventListener("click", (event) => {
    const link = event.target.closest?.("a[href]");
    const href = link?.getAttribute("href") ?? "";
    if (event.defaultPrevented || !/^[#/]/.test(href)) return;
    event.preventDefault();
    if (href.startsWith("#")) document.getElementById(href.slice(1))?.focus();
    else if (link.target === "_blank") beside(href);
    else visit(href);
  });
  document.addEventListener("auxclick", (event) => {
    if (event.target.closest?.('a[href^="/"]')) event.preventDefault();
  });
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (event.defaultPrevented || form.method === "dialog") return;
    event.preventDefault();
    const data = new FormData(form, event.submitter);
    const body = form.enctype === "multipart/form-data" ? data : new URLSearchParams(data);
    if (form.method === "post") visit(form.getAttribute("action"), "POST", body);
    else visit(`${form.getAttribute("action")}?${body}`);
  });
  document.addEventListener("htmx:afterSettle", () => {
    if (document.getElementById("form")) remember("");
  });
  addEventListener("popstate", () => route());

  started().then(() => route(), (error) => stopped(error.message));
})();
