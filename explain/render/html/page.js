(() => {
  "use strict";
  const dialog = document.getElementById("rule");
  const titled = document.getElementById("rule-title");
  const body = document.getElementById("rule-body");

  const open = (link) => {
    const card = document.querySelector(link.getAttribute("href"));
    titled.textContent = card.dataset.title;
    body.replaceChildren(...Array.from(card.childNodes, (node) => node.cloneNode(true)));
    dialog.showModal();
    dialog.scrollTop = 0;
  };
  for (const link of document.querySelectorAll(".opens-rule, a.rule")) {
    link.setAttribute("aria-haspopup", "dialog");
    link.addEventListener("click", (event) => {
      event.preventDefault();
      open(link);
    });
    link.addEventListener("keydown", (event) => {
      if (event.key === " ") {
        event.preventDefault();
        open(link);
      }
    });
  }
  document.getElementById("rule-close").addEventListener("click", () => dialog.close());
  dialog.addEventListener("click", (event) => {
    if (event.target === dialog) dialog.close();
  });

  for (const figure of document.querySelectorAll(".drawing")) {
    const svg = figure.querySelector("svg");
    const canvas = figure.querySelector(".canvas");
    const said = figure.querySelector("output");
    const natural = (Number(svg.dataset.width) * 4) / 3;
    figure.querySelector(".zoom").hidden = false;
    for (const button of figure.querySelectorAll("[data-zoom]")) {
      button.addEventListener("click", () => {
        const now = svg.getBoundingClientRect().width;
        const factor = button.dataset.zoom;
        const next = factor === "fit" ? canvas.clientWidth : now * Number(factor);
        const width = Math.min(Math.max(next, 240), natural * 3);
        svg.style.width = svg.style.minWidth = `${width}px`;
        said.textContent = `${Math.round((100 * width) / natural)} %`;
      });
    }
  }

  let opened = [];
  addEventListener("beforeprint", () => {
    opened = Array.from(document.querySelectorAll(".folded[open] details:not([open])"));
    for (const details of opened) details.open = true;
  });
  addEventListener("afterprint", () => {
    for (const details of opened) details.open = false;
  });
})();
