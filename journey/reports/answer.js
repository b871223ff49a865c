// Draws the charts that stand in the page as JSON, of each figure one for light and one for dark; CSS shows one.
// `ast` has expressions walked instead of compiled: the page's policy allows no eval.
"use strict";
(() => {
  const charts = JSON.parse(document.getElementById("charts").textContent);
  const views = [];

  document.querySelectorAll("figure").forEach((figure, number) => {
    const wide = () => Math.max(280, figure.clientWidth);
    for (const place of figure.querySelectorAll("[data-chart]")) {
      const look = place.dataset.chart;
      const { $schema, ...spec } = charts[number][look];
      window
        .vegaEmbed(place, { ...spec, width: wide() }, {
          actions: false,
          ast: true,
          mode: "vega-lite",
          renderer: "svg",
          tooltip: { theme: look },
        })
        .then((drawn) => views.push([drawn.view, wide]))
        .catch(() => {
          place.hidden = true;
          figure.querySelector("img").style.display = "block";
        });
    }
  });

  window.addEventListener("resize", () => views.forEach(([view, wide]) => view.width(wide()).runAsync()));
})();
