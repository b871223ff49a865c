// Draws the charts that stand in the page as JSON, one for light and one for dark; CSS shows one of them.
// `ast` has expressions walked instead of compiled: the page's policy allows no eval.
"use strict";
(() => {
  const figure = document.querySelector("figure");
  const specs = JSON.parse(document.getElementById("charts").textContent);
  const views = [];
  const wide = () => Math.max(280, figure.clientWidth);

  for (const place of figure.querySelectorAll("[data-chart]")) {
    const look = place.dataset.chart;
    const { $schema, ...spec } = specs[look];
    window
      .vegaEmbed(place, { ...spec, width: wide() }, {
        actions: false,
        ast: true,
        mode: "vega-lite",
        renderer: "svg",
        tooltip: { theme: look },
      })
      .then((drawn) => views.push(drawn.view))
      .catch(() => {
        place.hidden = true;
        figure.querySelector("img").style.display = "block";
      });
  }

  window.addEventListener("resize", () => views.forEach((view) => view.width(wide()).runAsync()));
})();
