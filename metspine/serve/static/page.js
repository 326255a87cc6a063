// The page without this script is whole pages and forms; with it, an answer opens in a drawer and the focus stays.
(() => {
  "use strict";
  const drawer = document.getElementById("drawer");
  const body = document.getElementById("drawer-body");
  let opener = null;

  const open = async (link) => {
    const answer = await fetch(link.getAttribute("href"), { headers: { "HX-Request": "true" }, credentials: "same-origin" });
    body.innerHTML = await answer.text();
    body.querySelectorAll(".back").forEach((part) => part.remove());
    body.querySelector("h1")?.setAttribute("tabindex", "-1");
    if (!drawer.open) {
      opener = link;
      drawer.showModal();
    }
    drawer.scrollTop = 0;
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

  document.addEventListener("click", (event) => {
    const link = event.target.closest("a");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey || !document.getElementById("form")) return;
    const href = link.getAttribute("href") || "";
    if (link.closest("#drawer") && link.classList.contains("to-field")) {
      event.preventDefault();
      drawer.close();
      toField(link.hash.slice(1));
    } else if (link.matches(".ask-link, .rule, .opens-rule")) {
      event.preventDefault();
      open(link);
    } else if (href.startsWith("#") && toField(href.slice(1))) {
      event.preventDefault();
    }
  });
  drawer.addEventListener("click", (event) => {
    if (event.target === drawer) drawer.close();
  });
  drawer.addEventListener("close", () => {
    if (opener && document.contains(opener)) opener.focus();
    opener = null;
  });
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
  if (location.hash) toField(location.hash.slice(1));
})();
