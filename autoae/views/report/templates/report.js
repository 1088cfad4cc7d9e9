"use strict";
// Every figure is drawn in the theme of the page, and drawn again when that changes.
const themes = JSON.parse(document.getElementById("themes").textContent);
const dark = window.matchMedia("(prefers-color-scheme: dark)");
const config = {
  responsive: true,
  displaylogo: false,
  modeBarButtons: [["toImage", "zoom2d", "pan2d", "resetScale2d"]],
  toImageButtonOptions: { format: "svg" },
};

function draw(holder) {
  const drawing = JSON.parse(holder.textContent);
  const place = document.getElementById(holder.dataset.plot);
  const template = dark.matches ? themes.dark : themes.light;
  return Plotly.react(place, drawing.data, { ...drawing.layout, template }, config);
}

async function drawAll() {
  for (const holder of document.querySelectorAll("script[data-plot]")) await draw(holder);
  document.documentElement.dataset.drawn = "yes";
}

dark.addEventListener("change", drawAll);
drawAll();
