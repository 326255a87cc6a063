// The page without this script is whole pages and forms; with it, an answer opens in a drawer, the focus stays, and a link
// can hold a case: after its #, which no browser sends to a server.
(() => {
  "use strict";
  const SHARED = "#case?";
  const drawer = () => document.getElementById("drawer");
  const form = () => document.getElementById("form");
  let opener = null;

  const open = async (link) => {
    const body = document.getElementById("drawer-body");
    const answer = await fetch(link.getAttribute("href"), { headers: { "HX-Request": "true" }, credentials: "same-origin" });
    body.innerHTML = await answer.text();
    body.querySelectorAll(".back").forEach((part) => part.remove());
    body.querySelector("h1")?.setAttribute("tabindex", "-1");
    if (!drawer().open) {
      opener = link;
      drawer().showModal();
    }
    drawer().scrollTop = 0;
    body.querySelector("h1")?.focus();
  };

  const toField = (id) => {
    const field = document.getElementById(id);
    if (!field) return false;
    for (let part = field.parentElement; part; part = part.parentElement) {
      if (part.tagName === "DETAILS") part.open = true;
    }
    field.focus();
    field.scrollIntoView({ block: "center" });
    return true;
  };

  // A link that holds what was typed, but not the letter: that may name the patient.
  self.sharedCase = () => {
    const typed = [...new FormData(form())].filter(([name, text]) => !["token", "from", "letter"].includes(name) && (text || /^l\d+\.id$/.test(name)));
    return `${SHARED}${new URLSearchParams(typed)}`;
  };
  self.openSharedCase = (place) => {
    const sent = document.createElement("form");
    sent.method = "post";
    sent.setAttribute("action", "/case");
    const token = form()?.elements.token.value ?? "";
    for (const [name, text] of [["token", token], ...new URLSearchParams(place.slice(SHARED.length))]) {
      const field = document.createElement("input");
      field.type = "hidden";
      field.name = name;
      field.value = text;
      sent.append(field);
    }
    document.body.append(sent);
    sent.requestSubmit();
  };

  const arrived = (place) => {
    document.documentElement.classList.add("scripted");
    if (`#${place}`.startsWith(SHARED) && form()) self.openSharedCase(`#${place}`);
    else if (place) toField(place);
    else document.querySelector("[autofocus]")?.focus();
  };

  document.addEventListener("click", async (event) => {
    const button = event.target.closest?.(".copy-link");
    if (!button) return;
    const link = `${location.href.split("#")[0].replace(/\/case\/\w+$/, "/")}${self.sharedCase()}`;
    try {
      await navigator.clipboard.writeText(link);
      document.getElementById("live").textContent = button.textContent = button.dataset.copied;
    } catch {
      prompt(button.textContent, link);
    }
  });
  document.addEventListener("click", (event) => {
    const link = event.target.closest("a");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey || !form()) return;
    const href = link.getAttribute("href") || "";
    if (link.closest("#drawer") && link.classList.contains("to-field")) {
      event.preventDefault();
      drawer().close();
      toField(link.hash.slice(1));
    } else if (link.matches(".ask-link, .rule, .opens-rule")) {
      event.preventDefault();
      open(link);
    } else if (href.startsWith("#") && toField(href.slice(1))) {
      event.preventDefault();
    }
  });
  document.addEventListener("click", (event) => {
    if (event.target === drawer()) drawer().close();
  });
  document.addEventListener("close", () => {
    if (opener && document.contains(opener)) opener.focus();
    opener = null;
  }, true);
  // A button that answers writes its answer into the field: the fields alone say what was told, so that two quick answers
  // never overtake each other.
  document.addEventListener("click", (event) => {
    const button = event.target.closest("button[name=act]");
    const told = button && /^set:([^=]+)=(.*)$/s.exec(button.value);
    const field = told && document.getElementsByName(told[1])[0];
    if (!field) return;
    event.preventDefault();
    field.value = told[2];
    if (button.closest(".takes")) {
      for (const other of document.querySelectorAll(".takes button")) {
        if (other.value.startsWith(`set:${told[1]}=`)) other.setAttribute("aria-pressed", other === button);
      }
    }
    for (const chip of button.parentElement.querySelectorAll("[aria-pressed]")) {
      chip.setAttribute("aria-pressed", chip === button);
    }
    field.dispatchEvent(new Event("change", { bubbles: true }));
  }, true);
  // An answer lights up the rows of the fork that it leaves, and a row the answers that lead to it.
  const lit = (event) => {
    const card = event.target.closest?.(".card");
    if (!card) return;
    const answers = [...card.querySelectorAll("[data-rows]")];
    const rows = [...card.querySelectorAll(".wide tbody tr")];
    const answer = event.target.closest("[data-rows]");
    const row = rows.indexOf(event.target.closest("tr"));
    const leaves = (one, number) => one.dataset.rows.split(" ").includes(String(number));
    rows.forEach((one, i) => one.classList.toggle("lit", answer ? leaves(answer, i) : i === row));
    answers.forEach((one) => one.classList.toggle("lit", one === answer || (row >= 0 && leaves(one, row))));
  };
  for (const kind of ["pointerover", "focusin"]) document.addEventListener(kind, lit);
  // An older answer whose place is gone tells nothing any more, not even to a screen reader.
  document.addEventListener("htmx:beforeSwap", (event) => {
    if (!event.detail.target.isConnected) event.detail.shouldSwap = false;
  });
  document.addEventListener("arrived", (event) => arrived(event.detail));
  arrived(location.hash.slice(1));
  addEventListener("hashchange", () => {
    if (location.hash.startsWith(SHARED)) arrived(location.hash.slice(1));
  });
})();
